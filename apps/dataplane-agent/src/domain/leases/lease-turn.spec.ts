import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LeaseWorld, randomOf } from './lease-world.fixture.js';

const LEASE_MS = 5000;

/** Milliseconds of made-up time in which things go wrong, and in which they then do not. */
const TROUBLE_MS = 120_000;
const CALM_MS = 30_000;

const CALM = { mostDelayMs: 5, loss: 0, preempt: false };

function holders({ nodes }: LeaseWorld): string {
  return nodes
    .filter(({ hasAddress }) => hasAddress)
    .map(({ name }) => name)
    .join();
}

function world(nodes = 3, mishaps = CALM): LeaseWorld {
  return new LeaseWorld(nodes, LEASE_MS, mishaps, randomOf(7));
}

describe('the lease of a VIP', () => {
  it('goes to the node with the best rank, a lease after the bucket was read first', () => {
    const site = world();
    site.run(LEASE_MS * 0.98);
    expect(holders(site)).toBe('');
    site.run(LEASE_MS * 1.1);
    expect(holders(site)).toBe('n0');
    site.run(60_000);
    expect(holders(site)).toBe('n0');
  });

  it('goes to the next as soon as its leader gives it back, whose address is gone by then', () => {
    const site = world();
    site.run(10_000);
    site.nodes[0]!.want(false);
    site.run(10_500);
    expect(holders(site)).toBe('n1');
    expect(site.stored.lease).toMatchObject({ node: 'n1' });
    site.run(20_000);
    site.nodes[0]!.want(true);
    site.run(60_000);
    expect(holders(site)).toBe('n1');
    expect(site.clashes).toEqual([]);
  });

  it('goes back to a node with a better rank that may take over, after it was there for a lease', () => {
    const site = world(3, { ...CALM, preempt: true });
    site.run(10_000);
    site.nodes[0]!.isCutOff = true;
    site.nodes[0]!.connect();
    site.run(20_000);
    expect(holders(site)).toBe('n1');
    site.nodes[0]!.isCutOff = false;
    site.run(24_000);
    expect(holders(site)).toBe('n1');
    site.run(26_000);
    expect(holders(site)).toBe('n0');
    expect(site.clashes).toEqual([]);
  });

  it('ends in the kernel of a leader that stops, before the next one takes it', () => {
    const site = world();
    site.run(10_000);
    site.nodes[0]!.stop(60_000);
    site.run(10_000 + LEASE_MS * 1.3);
    expect(holders(site)).toBe('n1');
    site.run(100_000);
    expect(holders(site)).toBe('n1');
    expect(site.clashes).toEqual([]);
  });

  it('stays with its leader when the bucket is lost', () => {
    const site = world();
    site.run(10_000);
    site.restartServer({ revision: 0, lease: undefined }, 0);
    site.run(10_500);
    expect(holders(site)).toBe('n0');
    site.run(60_000);
    expect(holders(site)).toBe('n0');
    expect(site.stored.lease).toMatchObject({ node: 'n0' });
  });

  it('stays with a node whose agent begins anew', () => {
    const site = world();
    site.run(10_000);
    site.nodes[0]!.restart();
    for (let atMs = 10_000; atMs < 30_000; atMs += 50) {
      site.run(atMs);
      expect(holders(site)).toBe('n0');
    }
  });

  it('ends when NATS is away for longer, and comes back a lease after NATS', () => {
    const site = world();
    site.run(10_000);
    site.isServerUp = false;
    site.restartServer(site.stored, site.revision);
    site.run(10_000 + LEASE_MS);
    expect(holders(site)).toBe('');
    site.run(40_000);
    site.isServerUp = true;
    site.run(40_000 + LEASE_MS * 0.98);
    expect(holders(site)).toBe('');
    site.run(40_000 + LEASE_MS * 1.2);
    expect(holders(site)).toMatch(/^n\d$/);
  });

  it('is never with two, and with one when all is well again, whatever stops, is late, lost or begun anew', () => {
    let takeovers = 0;
    fc.assert(
      fc.property(
        fc.integer(),
        fc.boolean(),
        fc.constantFrom(10, 500, 8000),
        fc.constantFrom(0, 0.02, 0.3),
        (seed, preempt, mostDelayMs, loss) => {
          const random = randomOf(seed);
          const mishaps = { mostDelayMs, loss, preempt };
          const site = new LeaseWorld(3, LEASE_MS, mishaps, random);
          let before = '';
          const olds = [{ stored: site.stored, revision: 0 }];
          for (let atMs = 0; atMs < TROUBLE_MS; atMs += random() * 3000) {
            site.run(atMs);
            const now = holders(site);
            if (now !== '' && now !== before) takeovers += 1;
            before = now || before;
            const node = site.nodes[Math.floor(random() * 3)]!;
            const what = random();
            if (what < 0.15) node.stop(random() * LEASE_MS * 3);
            else if (what < 0.3) node.isCutOff = !node.isCutOff;
            else if (what < 0.4) node.connect();
            else if (what < 0.5) node.want(!node.state.isWanted);
            else if (what < 0.6) node.restart();
            else if (what < 0.65) site.restartServer(site.stored, site.revision);
            else if (what < 0.68) site.restartServer({ revision: 0, lease: undefined }, 0);
            else if (what < 0.71) {
              const old = olds[Math.floor(random() * olds.length)]!;
              site.restartServer(old.stored, old.revision);
            } else if (what < 0.8) site.isServerUp = !site.isServerUp;
            olds.push({ stored: site.stored, revision: site.revision });
          }
          site.isServerUp = true;
          for (const node of site.nodes) {
            node.isCutOff = false;
            node.want(true);
          }
          Object.assign(mishaps, { loss: 0, mostDelayMs: 5 });
          site.run(TROUBLE_MS + CALM_MS);
          expect(site.clashes).toEqual([]);
          expect(holders(site)).toMatch(/^n\d$/);
        },
      ),
      { numRuns: 300 },
    );
    expect(takeovers).toBeGreaterThan(300);
  });
});
