import { describe, expect, it } from '@jest/globals';
import { formatTime } from '@signalbox/contracts';
import fc from 'fast-check';
import { decideContent, isDrainedAway, leave, type SourceRules, sourceRules } from './decide-source.js';
import { content, endpoint, pool, source, START_MS } from './discovery.fixture.js';
import type { SourceEndpoint } from './endpoint.js';
import { EMPTY_STATE, endpointKey, type SourceState } from './source-state.js';

const RULES = sourceRules(source().spec);

/** The state after a source said one after the other what it has, a second apart. */
function said(rules: SourceRules, ...contents: readonly (readonly SourceEndpoint[])[]): SourceState {
  let state = EMPTY_STATE;
  for (const [at, endpoints] of contents.entries())
    ({ state } = decideContent(state, content(endpoints), rules, START_MS + at * 1000));
  return state;
}

/** Last bytes of the addresses, with `-` behind those that leave. */
function shown({ endpoints }: SourceState): string[] {
  return [...endpoints.values()]
    .map(({ address, leavesAt }) => `${address.slice(8)}${leavesAt === undefined ? '' : '-'}`)
    .sort();
}

describe('what a source brings', () => {
  it('joins at once, leaves after a drain, and may come back meanwhile', () => {
    const both = said(RULES, [endpoint(1), endpoint(2)]);
    expect(shown(both)).toEqual(['1', '2']);
    const gone = decideContent(both, content([endpoint(1)]), RULES, START_MS);
    expect(shown(gone.state)).toEqual(['1', '2-']);
    expect(gone.nextDueMs).toBe(START_MS + 30_000);
    const back = decideContent(gone.state, content([endpoint(1), endpoint(2)]), RULES, START_MS + 5000);
    expect(shown(back.state)).toEqual(['1', '2']);
    expect(back.nextDueMs).toBeUndefined();
    expect(shown(leave(gone.state, START_MS + 29_999).state)).toEqual(['1', '2-']);
    expect(shown(leave(gone.state, START_MS + 30_000).state)).toEqual(['1']);
  });

  it('leaves at once without a drain', () => {
    const rules = sourceRules(source({ drain: '0s' }).spec);
    expect(shown(said(rules, [endpoint(1), endpoint(2)], [endpoint(2)]))).toEqual(['2']);
  });

  it('does not begin its drain again when the source says the same again', () => {
    const gone = said(RULES, [endpoint(1)], [], [], []);
    expect([...gone.endpoints.values()][0]?.leavesAt).toBe(formatTime(START_MS + 1000 + 30_000));
  });

  it('counts a place once, however its address is spelled', () => {
    const six = (address: string): SourceEndpoint => endpoint(0, { address });
    const state = said(RULES, [six('2001:db8::1'), { ...six('2001:DB8:0::1'), weight: 7 }]);
    expect([...state.endpoints.values()]).toEqual([six('2001:db8::1')]);
  });

  it('stays as it is when more would leave than may', () => {
    const rules = sourceRules(source({ maxRemovedPercent: 50 }).spec);
    const four = said(rules, [endpoint(1), endpoint(2), endpoint(3), endpoint(4)]);
    const half = decideContent(four, content([endpoint(1), endpoint(2)]), rules, START_MS);
    expect([shown(half.state), half.heldBack]).toEqual([['1', '2', '3-', '4-'], undefined]);
    const most = decideContent(four, content([endpoint(1), endpoint(5)]), rules, START_MS);
    expect([shown(most.state), most.heldBack]).toEqual([['1', '2', '3', '4', '5'], { leaving: 3, of: 4 }]);
    const empty = decideContent(most.state, content([]), rules, START_MS);
    expect([shown(empty.state), empty.heldBack?.leaving]).toEqual([['1', '2', '3', '4', '5'], 5]);
    const back = decideContent(
      empty.state,
      content([1, 2, 3, 4, 5].map((n) => endpoint(n))),
      rules,
      START_MS,
    );
    expect([shown(back.state), back.heldBack]).toEqual([['1', '2', '3', '4', '5'], undefined]);
  });

  it('keeps what its endpoints stand in when they are held back, and takes it away with them otherwise', () => {
    const spec = { pool: undefined as never, kubernetes: { server: 'http://127.0.0.1:1' } };
    const inPools = content([endpoint(1, { pool: 'a' }), endpoint(2, { pool: 'b' })], [pool('a'), pool('b')]);
    const onlyB = content([endpoint(2, { pool: 'b' })], [pool('b')]);
    const free = sourceRules({ ...spec, drain: '30s' });
    const before = decideContent(EMPTY_STATE, inPools, free, START_MS).state;
    const after = decideContent(before, onlyB, free, START_MS);
    expect([shown(after.state), after.state.frame.size]).toEqual([['2'], 1]);
    const bound = sourceRules({ ...spec, maxRemovedPercent: 10 });
    const held = decideContent(before, onlyB, bound, START_MS);
    expect([shown(held.state), held.state.frame.size]).toEqual([['1', '2'], 2]);
  });

  it('is drained while the source is away only when that is asked for, and after a while', () => {
    const drain = sourceRules(source({ onUnavailable: 'drain', unavailableAfter: '10s' }).spec);
    expect(isDrainedAway(drain, START_MS, START_MS + 9999)).toBe(false);
    expect(isDrainedAway(drain, START_MS, START_MS + 10_000)).toBe(true);
    expect(isDrainedAway(RULES, START_MS, START_MS + 3_600_000)).toBe(false);
  });
});

describe('laws of what a source brings', () => {
  const sets = fc.array(fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 12 }), {
    minLength: 1,
    maxLength: 12,
  });

  it('never takes away more at once than it may, and never anything without a drain', () => {
    fc.assert(
      fc.property(
        sets,
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 0, max: 3 }),
        (histories, percent, seconds) => {
          const rules: SourceRules = { ...RULES, maxRemovedPercent: percent, drainMs: seconds * 1000 };
          let state = EMPTY_STATE;
          for (const [at, set] of histories.entries()) {
            const nowMs = START_MS + at * 1000;
            const before = state;
            ({ state } = decideContent(before, content(set.map((n) => endpoint(n))), rules, nowMs));
            const serving = [...before.endpoints].filter(([, { leavesAt }]) => leavesAt === undefined);
            const lost = serving.filter(
              ([key]) => state.endpoints.get(key)?.leavesAt !== undefined || !state.endpoints.has(key),
            );
            expect(lost.length * 100).toBeLessThanOrEqual(percent * serving.length);
            for (const [key, { leavesAt }] of before.endpoints) {
              const isDue = leavesAt === undefined ? rules.drainMs === 0 : Date.parse(leavesAt) <= nowMs;
              if (!isDue) expect(state.endpoints.has(key)).toBe(true);
            }
            for (const n of set)
              expect(state.endpoints.get(endpointKey(endpoint(n)))?.leavesAt).toBeUndefined();
          }
        },
      ),
    );
  });

  it('is what the source says once it has said the same for long enough', () => {
    fc.assert(
      fc.property(sets, (histories) => {
        const last = histories[histories.length - 1]!;
        const state = said(RULES, ...histories.map((set) => set.map((n) => endpoint(n))));
        const later = leave(state, START_MS + 3_600_000).state;
        expect(shown(later)).toEqual(last.map(String).sort());
      }),
    );
  });
});
