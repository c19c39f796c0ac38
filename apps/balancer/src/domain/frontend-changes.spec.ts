import { describe, expect, it } from '@jest/globals';
import type { FrontendRecord, FrontendTarget } from '@signalbox/contracts';
import fc from 'fast-check';
import { applyFrontendRecord, frontendRecord, targetKey } from './frontend-changes.js';
import { decideFrontend, type FrontendMemory, type FrontendView } from './frontend-view.js';
import { aFrontend, aMember, inStates, MINUTE, NOON, remembered } from './given.fixture.js';
import { anyFrontends, historiesOf } from './random-frontend.fixture.js';

const AT = '2026-05-30T12:00:00.000Z';
const names = (record: FrontendRecord | undefined) => record?.targets.map(({ backend }) => backend);

function recordOf(view: FrontendView, memory?: FrontendMemory, nowMs = NOON): FrontendRecord | undefined {
  return frontendRecord(view.name, decideFrontend(view, memory, nowMs), memory, 7, AT);
}

describe('frontendRecord', () => {
  const view = aFrontend([inStates('up', 'disabled'), [aMember('nginx3')]]);
  const memory = remembered([{ view, atMs: NOON }]);

  it('is the whole frontend when it is new', () => {
    const record = recordOf(view);
    expect(record).toMatchObject({ frontend: 'web', version: 7, at: AT, to: 'up', activePool: 'primary' });
    expect(record).not.toHaveProperty('from');
    expect(names(record)).toEqual(['nginx1', 'nginx2', 'nginx3']);
    expect(recordOf(aFrontend([]))).toMatchObject({ to: 'unknown', targets: [], gone: [] });
  });

  it('R7 is nothing in steady state, disabled backend or not', () => {
    expect(recordOf(view, memory)).toBeUndefined();
    expect(recordOf(view, memory, NOON + 30 * MINUTE)).toBeUndefined();
  });

  it('R8 is nothing after a restart with healthy backends: the records say what was decided', () => {
    const options = { failbackDelayMs: 10 * MINUTE, slowStartMs: MINUTE };
    const before = aFrontend([inStates('up', 'up'), inStates('up')], options);
    expect(recordOf(before, remembered([{ view: before, atMs: NOON }]), NOON + MINUTE)).toBeUndefined();
  });

  it('is nothing when only the order of the members changed', () => {
    const reversed = aFrontend([inStates('up', 'disabled').reverse(), [aMember('nginx3')]]);
    expect(recordOf(reversed, memory)).toBeUndefined();
  });

  it('has what changed and what is gone, and the state before', () => {
    const next = aFrontend([[aMember('nginx1', { weight: 20 })], [aMember('nginx3'), aMember('nginx4')]]);
    const record = recordOf(next, memory);
    expect(record).toMatchObject({ from: 'up', to: 'up', gone: [{ pool: 'primary', backend: 'nginx2' }] });
    expect(names(record)).toEqual(['nginx1', 'nginx4']);
  });

  it('is written when nothing happened but that a member left', () => {
    const record = recordOf(aFrontend([inStates('up', 'disabled'), []]), memory);
    expect(record).toMatchObject({ targets: [], gone: [{ pool: 'fallback', backend: 'nginx3' }] });
  });

  it('R4 is written when only the address changed', () => {
    const moved = [aMember('nginx1', { address: '10.0.0.9' }), aMember('nginx2', { state: 'disabled' })];
    const record = recordOf(aFrontend([moved, [aMember('nginx3')]]), memory);
    expect(record?.targets).toMatchObject([{ backend: 'nginx1', address: '10.0.0.9' }]);
  });

  it('R6 is written when a standby that has weight 0 already is disabled, and asks for the flush', () => {
    const disabled = aMember('nginx3', { state: 'disabled' });
    const record = recordOf(aFrontend([inStates('up', 'disabled'), [disabled]]), memory);
    expect(record?.targets).toMatchObject([{ backend: 'nginx3', effective: 0, flush: true }]);
  });

  it('sees a change of every part of a target', () => {
    const target: FrontendTarget = {
      pool: 'p',
      backend: 'b',
      address: '10.0.0.1',
      weight: 1,
      effective: 1,
      flush: false,
      why: { rule: 'active', text: 'x' },
    };
    const known: FrontendMemory = {
      state: 'up',
      activePool: 'p',
      targets: new Map([[targetKey('p', 'b'), target]]),
    };
    const changes: Partial<FrontendTarget>[] = [
      { address: '10.0.0.2' },
      { weight: 2 },
      { effective: 2 },
      { flush: true },
      { why: { rule: 'standby', text: 'x' } },
      { why: { rule: 'active', text: 'y' } },
    ];
    const write = (change: Partial<FrontendTarget>, state: 'up' | 'down' = 'up', activePool = 'p') =>
      frontendRecord('web', { state, activePool, targets: [{ ...target, ...change }] }, known, 2, AT);
    expect(write({})).toBeUndefined();
    for (const change of changes) expect(write(change)?.targets).toEqual([{ ...target, ...change }]);
    expect(write({}, 'down')).toMatchObject({ from: 'up', to: 'down', targets: [] });
    expect(write({}, 'up', 'q')).toMatchObject({ activePool: 'q', targets: [] });
  });
});

describe('applyFrontendRecord', () => {
  it('folds the records of any history into exactly the last decision', () => {
    fc.assert(
      fc.property(historiesOf(anyFrontends), (history) => {
        let memory: FrontendMemory | undefined;
        for (const { view, atMs } of history) {
          const decision = decideFrontend(view, memory, atMs);
          const record = frontendRecord(view.name, decision, memory, 1, AT);
          if (record) memory = applyFrontendRecord(memory, JSON.parse(JSON.stringify(record)));
          expect(memory).toEqual({
            state: decision.state,
            activePool: decision.activePool,
            targets: new Map(
              decision.targets.map((target) => [targetKey(target.pool, target.backend), target]),
            ),
          });
        }
      }),
    );
  });

  it('forgets a removed frontend, and leaves the memory before as it was', () => {
    const memory = remembered([{ view: aFrontend([inStates('up')]), atMs: NOON }]);
    const removed: FrontendRecord = {
      frontend: 'web',
      version: 2,
      at: AT,
      from: 'up',
      to: 'removed',
      activePool: 'primary',
      targets: [],
      gone: [{ pool: 'primary', backend: 'nginx1' }],
    };
    expect(applyFrontendRecord(memory, removed)).toBeUndefined();
    const next = applyFrontendRecord(memory, { ...removed, to: 'down' });
    expect([next?.targets.size, memory?.targets.size]).toEqual([0, 1]);
  });

  it('keeps pools and backends of like names apart', () => {
    expect(targetKey('a', 'b c')).not.toBe(targetKey('a b', 'c'));
    expect(targetKey('a', 'bc')).not.toBe(targetKey('ab', 'c'));
  });
});
