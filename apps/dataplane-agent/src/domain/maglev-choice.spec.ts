import { describe, expect, it } from '@jest/globals';
import { type NodeTarget } from '@signalbox/contracts';
import { type Choice, choiceOf } from './choice.js';
import { naiveMaglev, naiveSlot } from './naive-maglev.fixture.js';
import { clientsOf, equalTargets, targetsOf } from './targets.fixture.js';

const none = (): number => 0;

function maglev(targets: readonly NodeTarget[], tableSize?: number): Choice {
  return choiceOf(
    { algorithm: 'maglev', targets, ...(tableSize === undefined ? {} : { tableSize }) },
    () => 0,
  );
}

describe('maglev', () => {
  it('gives a client the target of its slot, as the reference page says', () => {
    const targets = targetsOf(100, 50, 0, 25).toReversed();
    const { names, slots } = naiveMaglev(targets, 1021);
    const choice = maglev(targets);
    for (const client of clientsOf(500)) {
      const target = targets[choice.choose(client, none)!]!;
      const slot = naiveSlot(`${client.address}:${client.port}`, 1021);
      expect(`${target.address}:${target.port}`).toBe(names[slots[slot]!]);
    }
  });

  it('sends a client, whose target was tried, to the next target of the table, on every node the same', () => {
    const targets = equalTargets(3);
    const { slots } = naiveMaglev(targets, 1021);
    for (const client of clientsOf(200)) {
      const slot = naiveSlot(`${client.address}:${client.port}`, 1021);
      const order = [...slots.slice(slot), ...slots.slice(0, slot)];
      const next = order.find((target) => target !== order[0]);
      expect(maglev(targets).choose(client, none, new Set([order[0]!]))).toBe(next);
    }
  });

  it('spreads the connections of one client', () => {
    const choice = maglev(equalTargets(3));
    const ports = Array.from({ length: 60 }, (_, n) =>
      choice.choose({ address: '192.0.2.1', port: 4000 + n }, none),
    );
    expect(new Set(ports).size).toBe(3);
  });

  it('has one digest for one table, whatever the order of the targets and their spelling', () => {
    const [first, second, third] = targetsOf(100, 50, 25);
    const digest = maglev([first!, second!, third!]).tableDigest;
    expect(maglev([third!, first!, second!]).tableDigest).toBe(digest);
    expect(maglev([first!, second!, { ...third!, weight: 26 }]).tableDigest).not.toBe(digest);
    expect(maglev([first!, second!, { ...third!, port: 81 }]).tableDigest).not.toBe(digest);
    expect(maglev([first!, second!, third!], 311).tableDigest).not.toBe(digest);
    const long = { ...third!, address: '2001:DB8:0::1' };
    expect(maglev([long]).tableDigest).toBe(maglev([{ ...third!, address: '2001:db8::1' }]).tableDigest);
  });

  it('keeps the size of the table, and so most clients, while targets drain', () => {
    const before = maglev(equalTargets(10));
    const after = maglev(targetsOf(100, 100, 100, 100, 0, 100, 100, 100, 100, 100));
    const clients = clientsOf(5000).filter((client) => before.choose(client, none) !== 4);
    const moved = clients.filter((client) => before.choose(client, none) !== after.choose(client, none));
    expect(moved.length / clients.length).toBeLessThan(0.05);
  });

  it('warns of a table that is small for its targets, and of no other', () => {
    expect(maglev(equalTargets(10)).warning).toBeUndefined();
    expect(maglev(equalTargets(3), 251).warning).toContain('small for 3 targets');
    expect(maglev(equalTargets(3), 1021).warning).toBeUndefined();
  });

  it('refuses a size that is no prime', () => {
    expect(() => maglev(equalTargets(3), 65_536)).toThrow(RangeError);
  });
});
