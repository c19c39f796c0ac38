import { describe, expect, it } from '@jest/globals';
import { chooseActivePool, usableSinceMs } from './failback.js';
import { aMember, MINUTE, NOON } from './given.fixture.js';
import type { MemberView } from './pool-view.js';

const options = { poolActivation: 'up', minUp: 1, failbackDelayMs: 5 * MINUTE } as const;
const [PRIMARY, FALLBACK, LAST] = [0, 1, 2];

const upFor = (backend: string, minutes: number): MemberView =>
  aMember(backend, { sinceMs: NOON - minutes * MINUTE });
const down = (backend: string): MemberView => aMember(backend, { state: 'down' });

function choose(
  pools: readonly (readonly MemberView[])[],
  current: number,
  change: Partial<Parameters<typeof chooseActivePool>[1]> = {},
): { index: number; waiting: [number, number][] } {
  const { index, waiting } = chooseActivePool(pools, { ...options, ...change }, current, NOON);
  return { index, waiting: [...waiting] };
}

describe('chooseActivePool', () => {
  const justBack = [[upFor('nginx1', 2)], [upFor('nginx2', 60)]];

  it('stays while the better pool has not been usable for long enough, and says until when', () => {
    const waiting = [[PRIMARY, NOON + 3 * MINUTE]];
    expect(choose(justBack, FALLBACK)).toEqual({ index: FALLBACK, waiting });
  });

  it('goes back at the very end of the delay', () => {
    const pools = (minutes: number) => [[upFor('nginx1', minutes)], [upFor('nginx2', 60)]];
    expect(choose(pools(5), FALLBACK)).toEqual({ index: PRIMARY, waiting: [] });
    expect(choose(pools(5 - 1 / MINUTE), FALLBACK).index).toBe(FALLBACK);
  });

  it('goes at once without a delay, and when no pool was active before', () => {
    expect(choose(justBack, FALLBACK, { failbackDelayMs: 0 })).toEqual({ index: PRIMARY, waiting: [] });
    expect(choose(justBack, -1)).toEqual({ index: PRIMARY, waiting: [] });
  });

  it('goes at once without a delay even when the clock of the records is ahead', () => {
    const pools = [[upFor('nginx1', -1)], [upFor('nginx2', 60)]];
    expect(choose(pools, FALLBACK, { failbackDelayMs: 0 })).toEqual({ index: PRIMARY, waiting: [] });
  });

  describe('the clock is behind the records', () => {
    const cameUpIn = (minutes: number) => [[upFor('nginx1', -minutes)], [upFor('nginx2', 60)]];

    it.each([1, 4, 5])('by %i of 5 min: waits until it has caught up, then for the delay', (minutes) => {
      const sinceMs = NOON + minutes * MINUTE;
      expect(choose(cameUpIn(minutes), FALLBACK)).toEqual({ index: FALLBACK, waiting: [[PRIMARY, sinceMs]] });
      const { waiting } = chooseActivePool(cameUpIn(minutes), options, FALLBACK, sinceMs);
      expect([...waiting]).toEqual([[PRIMARY, sinceMs + 5 * MINUTE]]);
    });

    it('by more than the delay: it was set back, so the pool has been usable for long', () => {
      expect(choose(cameUpIn(5 + 1 / MINUTE), FALLBACK)).toEqual({ index: PRIMARY, waiting: [] });
      expect(choose(cameUpIn(24 * 60), FALLBACK).index).toBe(PRIMARY);
    });

    it('by more than the delay for one member: min-up waits for the others only', () => {
      const primary = [upFor('nginx1', -60), upFor('nginx3', 2)];
      const fallback = [upFor('nginx2', 60), upFor('nginx4', 60)];
      const waiting = [[PRIMARY, NOON + 3 * MINUTE]];
      expect(choose([primary, fallback], FALLBACK, { minUp: 2 })).toEqual({ index: FALLBACK, waiting });
      expect(choose([primary, fallback], FALLBACK, { minUp: 1 }).index).toBe(PRIMARY);
    });
  });

  describe('members that are up for the first time', () => {
    const firstUp = (backend: string) => aMember(backend, { sinceMs: NOON, isFirstUp: true });
    const fallback = [upFor('nginx2', 60), upFor('nginx4', 60)];

    it('take over at once: there is nothing to go back from', () => {
      expect(choose([[firstUp('nginx1')], fallback], FALLBACK)).toEqual({ index: PRIMARY, waiting: [] });
    });

    it('make their pool usable beside one that came back', () => {
      expect(choose([[upFor('nginx1', 1), firstUp('nginx3')], fallback], FALLBACK).index).toBe(PRIMARY);
    });

    it('do not shorten the wait for one that came back and that min-up needs', () => {
      const primary = [upFor('nginx1', 1), firstUp('nginx3')];
      const waiting = [[PRIMARY, NOON + 4 * MINUTE]];
      expect(choose([primary, fallback], FALLBACK, { minUp: 2 })).toEqual({ index: FALLBACK, waiting });
      const both = [firstUp('nginx1'), firstUp('nginx3')];
      expect(choose([both, fallback], FALLBACK, { minUp: 2 }).index).toBe(PRIMARY);
    });
  });

  it('goes at once when the current pool is not usable any more', () => {
    expect(choose([[upFor('nginx1', 0)], [down('nginx2')]], FALLBACK).index).toBe(PRIMARY);
  });

  it('never waits to go to a worse pool', () => {
    expect(choose([[down('nginx1')], [upFor('nginx2', 0)]], PRIMARY).index).toBe(FALLBACK);
  });

  it('goes to the best pool that is ready while one that is better still waits', () => {
    const pools = [[upFor('nginx1', 1)], [upFor('nginx2', 7)], [upFor('nginx3', 60)]];
    const waiting = [[PRIMARY, NOON + 4 * MINUTE]];
    expect(choose(pools, LAST)).toEqual({ index: FALLBACK, waiting });
  });

  it('lets all better pools wait, each for itself', () => {
    const pools = [[upFor('nginx1', 1)], [upFor('nginx2', 2)], [upFor('nginx3', 60)]];
    const waiting = [
      [PRIMARY, NOON + 4 * MINUTE],
      [FALLBACK, NOON + 3 * MINUTE],
    ];
    expect(choose(pools, LAST)).toEqual({ index: LAST, waiting });
  });

  it('leaves a pool below min-up at once when a better one reaches it', () => {
    const pools = [
      [upFor('nginx1', 0), upFor('nginx2', 0)],
      [upFor('nginx3', 60), down('nginx4')],
    ];
    expect(choose(pools, FALLBACK, { minUp: 2 }).index).toBe(PRIMARY);
    expect(choose(pools, FALLBACK, { minUp: 1 }).index).toBe(FALLBACK);
  });

  it('waits for the member that made the better pool reach min-up', () => {
    const pools = [
      [upFor('nginx1', 60), upFor('nginx2', 1)],
      [upFor('nginx3', 60), upFor('nginx4', 60)],
    ];
    expect(choose(pools, FALLBACK, { minUp: 2 }).waiting).toEqual([[PRIMARY, NOON + 4 * MINUTE]]);
  });
});

describe('usableSinceMs', () => {
  const members = [upFor('nginx1', 1), upFor('nginx2', 9), down('nginx3'), upFor('nginx4', 4)];

  it.each([
    [1, NOON - 9 * MINUTE],
    [2, NOON - 4 * MINUTE],
    [3, NOON - MINUTE],
    [4, undefined],
  ])('%i needed → when the last of them came up', (needed, sinceMs) => {
    expect(usableSinceMs(members, options, needed, NOON)).toBe(sinceMs);
  });
});
