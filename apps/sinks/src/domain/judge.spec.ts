import { describe, expect, it } from '@jest/globals';
import type { SinkContent, SinkFailure } from '@signalbox/contracts';
import * as fc from 'fast-check';
import { NO_ATTEMPT, RELEASED } from './attempt.js';
import { judge, type SinkSituation, type Verdict, type Wanted } from './judge.js';

const CONTENT: SinkContent = {
  generation: 4,
  digest: 'old',
  bytes: 10,
  resources: 4,
  at: '2026-05-30T12:00:00.000Z',
  place: '/sinks/a',
};
const KEYS = ['a', 'b', 'c', 'd'];
const NOW = Date.parse('2026-05-30T12:00:10.000Z');
const FILE = { file: { path: '/sinks/a' } };
const NOW_THERE: SinkSituation = {
  spec: FILE,
  revision: 3,
  applied: { content: CONTENT, keys: new Set(KEYS), revision: 3 },
  attempt: NO_ATTEMPT,
  now: NOW,
};
/** Nothing was applied yet. */
const EMPTY: SinkSituation = { spec: FILE, revision: 3, attempt: NO_ATTEMPT, now: NOW };
const SAME: Wanted = { digest: 'old', keys: KEYS };
const OTHER: Wanted = { digest: 'new', keys: KEYS };
const PAUSED = { sink: 'a', at: CONTENT.at, paused: true, author: 'ana', reason: 'night' };
const CHANGED = { what: 'changed by hand', isGone: false };
const GONE = { what: 'the file is gone', isGone: true };
const FAILURE: SinkFailure = { step: 'check', error: { code: 'sink-command', message: 'no' }, attempts: 1 };
const APPLY = { act: 'apply' };

describe('judge', () => {
  it('writes what is new, and nothing that is there', () => {
    expect(judge(NOW_THERE, OTHER)).toEqual(APPLY);
    expect(judge(NOW_THERE, SAME)).toEqual({ act: 'keep', state: 'applied' });
    expect(judge(EMPTY, SAME)).toEqual(APPLY);
  });

  it('writes again what is there when the sink itself changed', () => {
    expect(judge({ ...NOW_THERE, revision: 5 }, SAME)).toEqual(APPLY);
  });

  it('writes nothing while paused, whatever else holds', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.boolean(),
        fc.constantFrom(undefined, CHANGED, GONE),
        (released, same, drift) => {
          const situation = {
            ...NOW_THERE,
            intent: PAUSED,
            attempt: released ? RELEASED : NO_ATTEMPT,
            ...(drift && { drift }),
          };
          expect(judge(situation, same ? SAME : OTHER)).toEqual({
            act: 'keep',
            state: 'paused',
            reason: 'paused by ana: night',
          });
        },
      ),
    );
  });

  it('never writes over what somebody changed, unless the sink or an operator says so', () => {
    const drifted = { ...NOW_THERE, drift: CHANGED };
    const reported = { act: 'keep', state: 'drifted', reason: 'changed by hand' };
    for (const wanted of [SAME, OTHER]) {
      expect(judge(drifted, wanted)).toEqual(reported);
      expect(judge({ ...drifted, spec: { ...FILE, onDrift: 'overwrite' } }, wanted)).toEqual(APPLY);
      expect(judge({ ...drifted, attempt: RELEASED }, wanted)).toEqual(APPLY);
    }
  });

  it('tells what is gone, and writes it with the next content', () => {
    const gone = { ...NOW_THERE, drift: GONE };
    expect(judge(gone, SAME)).toEqual({ act: 'keep', state: 'drifted', reason: 'the file is gone' });
    expect(judge(gone, OTHER)).toEqual(APPLY);
  });

  it('tries again what failed at its time, or with other content, or when an operator wants it', () => {
    const failed = (digest: string, retryAt?: string, isReleased = false) => ({
      attempt: { digest, isReleased, failure: { ...FAILURE, ...(retryAt !== undefined && { retryAt }) } },
    });
    const kept = { act: 'keep', state: 'degraded', failure: FAILURE };
    const at = (digest: string, retryAt?: string): Verdict =>
      judge({ ...NOW_THERE, ...failed(digest, retryAt) }, OTHER);
    expect(at('new')).toEqual(kept);
    expect(at('new', '2026-05-30T12:00:10.001Z')).toMatchObject({ act: 'keep', state: 'degraded' });
    expect(at('new', '2026-05-30T12:00:10.000Z')).toEqual(APPLY);
    expect(at('another')).toEqual(APPLY);
    expect(judge({ ...NOW_THERE, attempt: RELEASED }, OTHER)).toEqual(APPLY);
    // let through once, not again and again
    expect(judge({ ...NOW_THERE, ...failed('new', undefined, true) }, OTHER)).toEqual(kept);
    expect(judge({ ...NOW_THERE, ...failed('new') }, SAME)).toEqual({ act: 'keep', state: 'applied' });
  });

  it('holds a target that would become empty, unless that is wanted', () => {
    const empty = { digest: 'empty', keys: [] };
    expect(judge(NOW_THERE, empty)).toEqual({
      act: 'keep',
      state: 'held',
      reason: 'nothing is selected any more, and onEmpty is hold',
    });
    expect(judge({ ...NOW_THERE, spec: { ...FILE, onEmpty: 'write' } }, empty)).toEqual(APPLY);
    expect(judge({ ...NOW_THERE, attempt: RELEASED }, empty)).toEqual(APPLY);
    expect(judge(EMPTY, empty)).toEqual({
      act: 'keep',
      state: 'waiting',
      reason: 'nothing is selected yet',
    });
  });

  it('holds what takes away more than maxRemovedPercent, by identity', () => {
    const guarded = { ...NOW_THERE, spec: { ...FILE, maxRemovedPercent: 50 } };
    expect(judge(guarded, { digest: 'new', keys: ['a', 'b', 'x'] })).toEqual(APPLY);
    const reason = '3 of 4 resources (75 %) would be gone at once, and maxRemovedPercent is 50';
    const held = { act: 'keep', state: 'held', reason };
    expect(judge(guarded, { digest: 'new', keys: ['a'] })).toEqual(held);
    // as many as before, and others
    expect(judge(guarded, { digest: 'new', keys: ['a', 'x', 'y', 'z'] })).toEqual(held);
    expect(judge({ ...guarded, attempt: RELEASED }, { digest: 'new', keys: ['a'] })).toEqual(APPLY);
  });

  it('counts how many fewer there are when it only knows how many there were', () => {
    const counted = { ...NOW_THERE, spec: { ...FILE, maxRemovedPercent: 50 }, applied: { content: CONTENT } };
    expect(judge(counted, { digest: 'new', keys: ['x', 'y'] })).toEqual(APPLY);
    expect(judge(counted, { digest: 'new', keys: ['x'] })).toMatchObject({ state: 'held' });
  });

  it('holds exactly when more than so many of a hundred would go', () => {
    const keys = fc.uniqueArray(fc.integer({ min: 0, max: 60 }).map(String), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(keys, keys, fc.integer({ min: 1, max: 100 }), (before, after, percent) => {
        const content = { ...CONTENT, resources: before.length };
        const situation = {
          ...NOW_THERE,
          spec: { ...FILE, maxRemovedPercent: percent },
          applied: { content, keys: new Set(before) },
        };
        const gone = before.filter((key) => !after.includes(key)).length;
        const verdict = judge(situation, { digest: 'new', keys: after });
        expect(verdict.act === 'keep').toBe(gone / before.length > percent / 100);
      }),
    );
  });
});
