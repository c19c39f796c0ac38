import { describe, expect, it } from '@jest/globals';
import { ALGORITHMS, type Algorithm, type NodeTarget } from '@signalbox/contracts';
import fc from 'fast-check';
import { type Choice, choiceOf } from './choice.js';
import { ANY_TARGETS, clientsOf, equalTargets, tally, targetsOf } from './targets.fixture.js';

const CLIENT = { address: '198.51.100.7', port: 40_000 };
const none = (): number => 0;

/** Numbers from 0 up to 1, evenly spread and the same in each run: the steps of the golden ratio. */
function evenly(): () => number {
  let at = 0;
  return () => (at = (at + 0.6180339887498949) % 1);
}

function choosing(algorithm: Algorithm, targets: readonly NodeTarget[]): Choice {
  return choiceOf({ algorithm, targets }, evenly());
}

/** How many of so many clients each target gets, with connections that end at once. */
function spread(algorithm: Algorithm, targets: readonly NodeTarget[], clients: number): readonly number[] {
  const choice = choosing(algorithm, targets);
  const chosen = clientsOf(clients).map((client) => choice.choose(client, none));
  return tally(chosen, targets.length);
}

describe.each(ALGORITHMS)('%s', (algorithm) => {
  it('chooses a target that has a weight and was not tried, as long as there is one', () => {
    const tried = fc.array(fc.nat({ max: 11 }), { maxLength: 12 }).map((indices) => new Set(indices));
    fc.assert(
      fc.property(ANY_TARGETS, tried, fc.nat({ max: 3 }), (targets, except, standing) => {
        const open = [...targets.keys()].filter((index) => targets[index]!.weight > 0 && !except.has(index));
        const chosen = choosing(algorithm, targets).choose(CLIENT, (index) => (index * standing) % 5, except);
        if (open.length === 0) expect(chosen).toBeUndefined();
        else expect(open).toContain(chosen);
      }),
    );
  });

  it('comes to every target when those before it were tried', () => {
    const choice = choosing(algorithm, targetsOf(100, 1, 0, 50));
    const tried = new Set<number>();
    for (let chosen = choice.choose(CLIENT, none, tried); chosen !== undefined;) {
      tried.add(chosen);
      chosen = choice.choose(CLIENT, none, tried);
    }
    expect([...tried].sort()).toEqual([0, 1, 3]);
  });

  it('has none without targets', () => {
    expect(choosing(algorithm, []).choose(CLIENT, none)).toBeUndefined();
    expect(choosing(algorithm, targetsOf(0, 0)).choose(CLIENT, none)).toBeUndefined();
  });

  it('gives equal targets like shares, and others theirs, within a tenth', () => {
    const within = (counts: readonly number[], wanted: readonly number[]): void =>
      counts.forEach((count, index) => {
        expect(Math.abs(count - wanted[index]!)).toBeLessThanOrEqual(wanted[index]! / 10);
      });
    within(spread(algorithm, equalTargets(3), 6000), [2000, 2000, 2000]);
    within(spread(algorithm, targetsOf(50, 20, 30), 6000), [3000, 1200, 1800]);
  });

  it('has a digest only where there is a table that others compare', () => {
    const digest = choosing(algorithm, equalTargets(3)).tableDigest;
    expect(digest).toEqual(algorithm === 'maglev' ? expect.stringMatching(/^[0-9a-f]{64}$/) : undefined);
  });
});

describe('round-robin', () => {
  it('spreads 15 connections over three as 5/5/5', () => {
    expect(spread('round-robin', equalTargets(3), 15)).toEqual([5, 5, 5]);
  });

  it('is exact: 100/100/100 of equal targets, 150/60/90 of weights 50/20/30', () => {
    expect(spread('round-robin', equalTargets(3), 300)).toEqual([100, 100, 100]);
    expect(spread('round-robin', targetsOf(50, 20, 30), 300)).toEqual([150, 60, 90]);
  });
});

describe('least-connections', () => {
  const leastOf = (targets: readonly NodeTarget[], ...standing: number[]): number | undefined =>
    choosing('least-connections', targets).choose(CLIENT, (index) => standing[index]!);

  it('chooses the fewest connections for the weight', () => {
    expect(leastOf(equalTargets(3), 4, 2, 3)).toBe(1);
    expect(leastOf(targetsOf(100, 50, 10), 5, 3, 1)).toBe(0);
    expect(leastOf(targetsOf(100, 0, 10), 5, 0, 1)).toBe(0);
  });

  it('fills targets as their weights stand to each other, and keeps to it', () => {
    const targets = targetsOf(50, 20, 30);
    const choice = choosing('least-connections', targets);
    const standing = [0, 0, 0];
    for (const client of clientsOf(300)) standing[choice.choose(client, (index) => standing[index]!)!]! += 1;
    expect(standing).toEqual([150, 60, 90]);
  });

  it('takes turns by weight among those that are equal', () => {
    expect(spread('least-connections', targetsOf(50, 20, 30), 300)).toEqual([150, 60, 90]);
  });
});

describe('random', () => {
  it('chooses by weight, from the first to the last', () => {
    const at = (number: number) =>
      choiceOf({ algorithm: 'random', targets: targetsOf(50, 0, 20, 30) }, () => number).choose(CLIENT, none);
    expect([0, 0.499, 0.5, 0.699, 0.7, 0.999].map(at)).toEqual([0, 0, 2, 2, 3, 3]);
  });
});

describe('source-hash', () => {
  it('knows a client by its address, however spelt, whatever its port', () => {
    const choice = choosing('source-hash', equalTargets(10));
    const chosen = (address: string, port: number) => choice.choose({ address, port }, none);
    const ports = Array.from({ length: 100 }, (_, n) => chosen('198.51.100.7', 1024 + n));
    expect(new Set(ports).size).toBe(1);
    expect(chosen('2001:db8::7', 1)).toBe(chosen('2001:DB8:0::0:7', 2));
  });

  it('moves the clients of a target that leaves, or has no weight any more, and few others', () => {
    const targets = equalTargets(10);
    const before = choosing('source-hash', targets);
    const left = choosing('source-hash', targets.toSpliced(4, 1));
    const drained = choosing('source-hash', targets.with(4, { ...targets[4]!, weight: 0 }));
    const clients = clientsOf(5000).filter((client) => before.choose(client, none) !== 4);
    const moved = clients.filter((client) => {
      const old = before.choose(client, none)!;
      return left.choose(client, none) !== (old > 4 ? old - 1 : old);
    });
    expect(moved.length / clients.length).toBeLessThan(0.02);
    expect(
      clients.filter((client) => drained.choose(client, none) !== before.choose(client, none)),
    ).toHaveLength(moved.length);
  });
});
