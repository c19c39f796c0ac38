import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { spawnSync } from 'node:child_process';
import { leaderSubject } from '@signalbox/contracts';
import { until } from '@signalbox/testing';
import { neighbour } from '../../drivers/nftables/inside-namespace.fixture.js';
import { IP } from '../../drivers/nftables/nftables.fixture.js';
import { AddressSite, LEASE_MS, NODES, type NodeName } from './address-site.fixture.js';

const VIP = '192.0.2.10';
const VIP6 = '2001:db8:1::10';
const BOTH = [VIP, VIP6];

jest.setTimeout(180_000);

let site: AddressSite;
beforeAll(async () => {
  site = await AddressSite.open();
}, 120_000);
afterEach(() => site.clear());
afterAll(() => site.close());

function others(name: NodeName): readonly NodeName[] {
  return NODES.filter((one) => one !== name);
}

/** Nobody answered a question that another one answered too, and these answered one after the other. */
function expectOrder(vip: string, ...names: readonly NodeName[]): void {
  expect(site.witness.twice()).toEqual([]);
  expect(site.witness.order(vip).map((mac) => site.nameOf(mac))).toEqual(names);
}

/** MAC address that the client knows of a VIP. */
function known(vip: string): string {
  const words = ['-n', neighbour('client'), 'neigh', 'show', 'to', vip];
  return (
    spawnSync(IP ?? '', words, { encoding: 'utf8' })
      .stdout.split('lladdr ')[1]
      ?.split(' ')[0] ?? ''
  );
}

describe('who answers for a VIP that is held by a lease', () => {
  it('is the node with the best rank, and another one when it is killed, for both families', async () => {
    await site.begin(BOTH);
    const first = await site.answeredBy(VIP, NODES);
    const first6 = await site.answeredBy(VIP6, NODES);
    site.node(first).signal('SIGKILL');
    const second = await site.answeredBy(VIP, others(first));
    expectOrder(VIP, first, second);
    if (first6 === first) await site.answeredBy(VIP6, others(first));
    expect(site.witness.twice()).toEqual([]);
  });

  it('is never a holder that stopped for longer than its lease, and goes on, again and again', async () => {
    await site.begin(BOTH);
    for (let round = 0; round < 5; round += 1) {
      const holder = await site.answeredBy(VIP, NODES);
      // some moment between two renewals
      await delay(Math.random() * (LEASE_MS / 4));
      site.node(holder).signal('SIGSTOP');
      await until('the kernel of the holder to let go', () => !site.node(holder).has(VIP));
      const next = await site.answeredBy(VIP, others(holder));
      site.node(holder).signal('SIGCONT');
      await until('the stopped one to know who leads', () =>
        site
          .node(holder)
          .standing.some(({ address, why = '' }) => address === VIP && why.endsWith('leads it')),
      );
      expect(await site.answeredBy(VIP, NODES)).toBe(next);
      expect(site.witness.twice()).toEqual([]);
    }
  });

  it('is the next one as soon as the holder is not ready any more', async () => {
    await site.begin([VIP]);
    const first = await site.answeredBy(VIP, NODES);
    const before = await revision();
    site.node(first).want();
    const second = await site.answeredBy(VIP, others(first));
    expectOrder(VIP, first, second);
    // given back and taken: nobody waited for the end of a lease
    const lease = await site.bus.manager.streams.getMessage('KV_LEADERS', {
      last_by_subj: leaderSubject(VIP),
    });
    expect(lease.json()).toMatchObject({ node: second });
    expect(await revision()).toBeGreaterThan(before);
  });

  it('goes back to a node with a better rank that may take over', async () => {
    await site.begin([VIP], { preempt: true });
    await until('the best', () => site.node('n1').has(VIP));
    await site.node('n1').end();
    const second = await site.answeredBy(VIP, others('n1'));
    site.node('n1').start();
    site.ready(site.node('n1'), [VIP], { preempt: true });
    await site.answeredBy(VIP, ['n1']);
    expect(site.witness.twice()).toEqual([]);
    expect(
      site.witness
        .order(VIP)
        .map((mac) => site.nameOf(mac))
        .slice(-2),
    ).toEqual([second, 'n1']);
  });

  it('tells the neighbours who is asked from now on', async () => {
    await site.begin(BOTH);
    const quiet = ['192.0.2.11', '2001:db8:1::11'];
    for (const node of site.nodes) site.ready(node, quiet);
    await until('the quiet ones', () => NODES.some((name) => quiet.every((vip) => site.node(name).has(vip))));
    const holder = NODES.find((name) => site.node(name).has(quiet[0]!))!;
    for (const vip of quiet) await site.client.do('once', vip);
    for (const vip of quiet) expect(known(vip)).toBe(site.node(holder).mac);
    site.node(holder).signal('SIGKILL');
    for (const vip of quiet)
      await until(`the client to know who has ${vip}`, () =>
        others(holder).some((name) => site.node(name).mac === known(vip)),
      );
  });

  it('is nobody while NATS is away for longer than the lease, and one again after it', async () => {
    await site.begin([VIP]);
    const first = await site.answeredBy(VIP, NODES);
    await site.nats.kill();
    await until('the address to go', () => NODES.every((name) => !site.node(name).has(VIP)));
    await until('the node to say why', () =>
      site.node(first).standing.some(({ why = '' }) => why.includes('NATS is away')),
    );
    await site.nats.start();
    await site.answeredBy(VIP, NODES);
    expect(site.witness.twice()).toEqual([]);
  });

  it.each([[['output']], [['input']], [['input', 'output']]] as const)(
    'moves once when packets between the holder and NATS are lost: %j',
    async (directions) => {
      await site.begin([VIP]);
      const first = await site.answeredBy(VIP, NODES);
      site.node(first).cut(...directions);
      const second = await site.answeredBy(VIP, others(first));
      expectOrder(VIP, first, second);
      site.node(first).mend();
      await until('the first one to know who leads', () =>
        site.node(first).standing.some(({ why = '' }) => why === `node ${second} leads it`),
      );
      expectOrder(VIP, first, second);
    },
  );

  it('is one at every moment while the way of its holder to NATS flaps', async () => {
    await site.begin([VIP]);
    for (let round = 0; round < 12; round += 1) {
      const holder = NODES.find((name) => site.node(name).has(VIP)) ?? 'n1';
      site.node(holder).cut(...(['input', 'output'] as const).slice(round % 2));
      await delay(Math.random() * LEASE_MS * 0.6);
      site.node(holder).mend();
      await delay(Math.random() * 500);
    }
    await site.answeredBy(VIP, NODES);
    expect(site.witness.twice()).toEqual([]);
  });
});

async function revision(): Promise<number> {
  return (await site.bus.manager.streams.info('KV_LEADERS')).state.last_seq;
}
