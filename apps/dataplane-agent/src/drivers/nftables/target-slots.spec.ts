import { describe, expect, it } from '@jest/globals';
import { maglevChoice } from '../../domain/maglev-choice.js';
import { maglevTargets } from '../../domain/maglev-contract.js';
import { maglevTable } from '../../domain/maglev-table.js';
import { aListener, TARGETS6 } from './nft-listener.fixture.js';
import { HASH_SEED, slotCount, targetSlots } from './target-slots.js';

const SEED = `seed 0x${HASH_SEED.toString(16)}`;

/** Targets of these weights, with the last number of their address as index. */
function weighted(...weights: readonly number[]) {
  return weights.map((weight, index) => ({ address: `10.0.0.${index + 1}`, port: 80, weight }));
}

function counted(slots: ReturnType<typeof targetSlots>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { address } of slots?.targets ?? []) counts[address] = (counts[address] ?? 0) + 1;
  return counts;
}

describe('numbers of new flows', () => {
  it('are turns: as few as the weights allow, and spread', () => {
    const slots = targetSlots(aListener({ targets: weighted(50, 20, 0, 30) }));
    expect(slots?.number).toBe('numgen inc mod 10');
    expect(counted(slots)).toEqual({ '10.0.0.1': 5, '10.0.0.2': 2, '10.0.0.4': 3 });
    const addresses = slots!.targets.map(({ address }) => address);
    expect(addresses.join(' ')).not.toContain('10.0.0.1 10.0.0.1 10.0.0.1');
  });

  it('are one for equals, whatever they weigh', () => {
    expect(targetSlots(aListener({ targets: weighted(7, 7, 7) }))?.number).toBe('numgen inc mod 3');
  });

  it('are drawn by lot with random', () => {
    const slots = targetSlots(aListener({ algorithm: 'random', targets: weighted(50, 20) }));
    expect(slots?.number).toBe('numgen random mod 7');
    expect(counted(slots)).toEqual({ '10.0.0.1': 5, '10.0.0.2': 2 });
  });

  it('are slots of our table with maglev, by address and port of the client and a seed', () => {
    const targets = weighted(100, 0, 50);
    const slots = targetSlots(aListener({ algorithm: 'maglev', tableSize: 251, targets }));
    expect(slots?.number).toBe(`jhash ip saddr . tcp sport mod 251 ${SEED}`);
    const named = maglevTargets(targets.map((target) => ({ ...target, flushes: 0 })));
    const table = maglevTable(named, 251);
    expect(slots?.targets).toEqual(Array.from(table, (slot) => targets[named[slot]!.index]));
    expect(() => maglevChoice([], 252)).toThrow(RangeError);
  });

  it('are those of the default size where none is named, that of IPv6 and UDP by their words', () => {
    const slots = targetSlots(
      aListener({
        algorithm: 'maglev',
        protocol: 'udp',
        listensAt: { address: '2001:db8::53', port: 53 },
        targets: TARGETS6,
      }),
    );
    expect(slots?.number).toBe(`jhash ip6 saddr . udp sport mod 251 ${SEED}`);
  });

  it('are slots by the address of the client alone with source-hash', () => {
    const slots = targetSlots(aListener({ algorithm: 'source-hash', targets: weighted(1, 1) }));
    expect(slots?.number).toBe(`jhash ip saddr mod 4093 ${SEED}`);
  });

  it('are as many as are counted without making them', () => {
    for (const algorithm of ['round-robin', 'random', 'maglev', 'source-hash'] as const) {
      const listener = aListener({ algorithm, targets: weighted(50, 20, 0, 30) });
      expect(slotCount(listener)).toBe(targetSlots(listener)?.targets.length);
    }
    expect(slotCount(aListener({ targets: [] }))).toBe(0);
  });

  it('are none without a target that has a weight', () => {
    expect(targetSlots(aListener({ targets: weighted(0, 0) }))).toBeUndefined();
    expect(targetSlots(aListener({ algorithm: 'maglev', targets: [] }))).toBeUndefined();
  });
});
