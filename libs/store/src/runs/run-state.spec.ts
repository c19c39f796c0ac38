import { describe, expect, it } from '@jest/globals';
import {
  type Execution,
  formatTime,
  type PartRecord,
  retryDelayMs,
  type RunRecord,
} from '@signalbox/contracts';
import fc from 'fast-check';
import {
  accepted,
  ended,
  FIRST as first,
  NOON,
  nextAttempt,
  planned,
  rejected,
  skipped,
  started,
} from './run-records.fixture.js';
import { evolveRun, type RunView } from './run-state.js';

const second = nextAttempt(first);
const third = nextAttempt(second);
const execution: Execution = { startedAt: formatTime(NOON + 10), durationMs: 40, exitCode: 1, stderr: 'no' };

function fold(...records: readonly (RunRecord | PartRecord)[]): RunView | undefined {
  return records.reduce<RunView | undefined>((view, record, n) => evolveRun(view, record, n + 1), undefined);
}

describe('evolveRun', () => {
  it('S1 shows a run from planned to succeeded', () => {
    const records = [
      planned(first, NOON),
      started(first, NOON + 10),
      ended(first, 'proposed', {
        at: formatTime(NOON + 50),
        execution: { ...execution, exitCode: 0, stdoutDigest: 'o1', pluginDigest: 'd1' },
      }),
      accepted(first),
    ];
    expect(records.map((_, n) => fold(...records.slice(0, n + 1))?.state)).toEqual([
      'queued',
      'running',
      'proposed',
      'succeeded',
    ]);
    expect(fold(...records)).toEqual({
      runId: first.runId,
      subscription: 'claims',
      plugin: 'to-claim',
      group: 'edge',
      revision: 3,
      source: first.source,
      state: 'succeeded',
      attempt: 1,
      maxAttempts: 3,
      retry: first.retry,
      facts: first.facts,
      plannedAt: '2026-05-30T12:00:00.000Z',
      startedAt: '2026-05-30T12:00:00.010Z',
      endedAt: '2026-05-30T12:00:00.050Z',
      executions: [
        {
          attempt: 1,
          startedAt: '2026-05-30T12:00:00.010Z',
          endedAt: '2026-05-30T12:00:00.050Z',
          durationMs: 40,
          exitCode: 0,
          stderr: 'no',
          stdoutDigest: 'o1',
          pluginDigest: 'd1',
          outcome: 'proposed',
        },
      ],
      lastSeq: 4,
    });
  });

  it('S5 shows the retry with its time, and the failure at the cap', () => {
    const failedOnce = fold(planned(first, NOON), started(first), ended(first, 'failed', { execution }));
    expect(failedOnce).toMatchObject({
      state: 'retrying',
      attempt: 1,
      retryAt: formatTime(NOON + retryDelayMs(first.retry, first.runId, 1)),
      errorCode: 'plugin-exit',
      error: 'exit code 1',
    });
    const again = evolveRun(failedOnce, planned(second, NOON + 900), 4);
    expect(again).toMatchObject({ state: 'queued', attempt: 2, plannedAt: formatTime(NOON) });
    expect(again).not.toHaveProperty('retryAt');
    expect(again).not.toHaveProperty('startedAt');
    const failed = evolveRun(evolveRun(again, planned(third, NOON), 5), ended(third, 'failed'), 6);
    expect(failed).toMatchObject({ state: 'failed', attempt: 3, errorCode: 'plugin-exit' });
    expect(failed).not.toHaveProperty('retryAt');
  });

  it('S22 counts lost attempts and keeps at most maxAttempts executions', () => {
    let view: RunView | undefined;
    let order = first;
    for (let seq = 1; seq < 16; seq += 3) {
      view = evolveRun(view, planned(order, NOON), seq);
      view = evolveRun(view, started(order, NOON), seq + 1);
      view = evolveRun(view, ended(order, 'lost'), seq + 2);
      order = nextAttempt(order);
    }
    expect(view).toMatchObject({ state: 'failed', attempt: 5, errorCode: 'run-lost' });
    expect(view?.executions.map(({ attempt, outcome }) => `${attempt} ${outcome}`)).toEqual([
      '3 lost',
      '4 lost',
      '5 lost',
    ]);
  });

  it('ends failed, with the reason, when the part is rejected', () => {
    expect(fold(planned(first, NOON), ended(first, 'proposed'), rejected(first))).toMatchObject({
      state: 'failed',
      errorCode: 'part-conflict',
      error: 'another owner holds it',
    });
  });

  it('S20 shows what the plugin said of single facts, until the part is rejected', () => {
    const outcomes = [{ eventId: 'f1', outcome: 'ignored' }] as const;
    const halving = { of: 'run-0', after: 'run-0.1', rest: [first.facts] };
    const proposed = ended({ ...first, halving }, 'proposed', { outcomes });
    const shown = fold(planned({ ...first, halving }), proposed);
    expect(shown).toMatchObject({ outcomes, halving });
    expect(evolveRun(shown, accepted(first), 3)).toMatchObject({ state: 'succeeded', outcomes });
    expect(evolveRun(shown, rejected(first), 3)).not.toHaveProperty('outcomes');
  });

  it('shows a run that was skipped before its first attempt, and one that was skipped before a retry', () => {
    const never = fold(skipped(first));
    expect(never).toMatchObject({ state: 'skipped', attempt: 0, errorCode: 'superseded', executions: [] });
    const later = fold(planned(first, NOON), ended(first, 'failed'), skipped(second));
    expect(later).toMatchObject({ state: 'skipped', attempt: 1, errorCode: 'superseded' });
    expect(later).not.toHaveProperty('retryAt');
  });

  it('S18 leads a failed run on when a further attempt is planned', () => {
    const error = { code: 'plugin-untrusted', message: 'not trusted' } as const;
    const failed = fold(planned(first, NOON), ended(first, 'failed', { error }));
    expect(failed?.state).toBe('failed');
    expect(evolveRun(failed, planned(second, NOON), 3)).toMatchObject({ state: 'queued', attempt: 2 });
  });

  it('does not take a late word about an earlier attempt for one about this', () => {
    const again = fold(
      planned(first, NOON),
      ended(first, 'proposed'),
      rejected(first),
      planned(second, NOON),
    );
    expect(evolveRun(again, rejected(first), 5)).toBe(again);
  });

  it('knows nothing of a run whose order it never saw', () => {
    expect(fold(started(first), accepted(first), rejected(first))).toBeUndefined();
  });

  const records = fc.constantFrom(
    ...[first, second, third].flatMap((order) => [
      planned(order, NOON),
      started(order),
      ended(order, 'failed'),
      ended(order, 'lost', { execution }),
      ended(order, 'proposed', { execution }),
      skipped(order),
      accepted(order),
      rejected(order),
    ]),
  );
  const history = fc.array(records, { maxLength: 20 });

  it('S17 leaves a succeeded run alone, whatever comes later', () => {
    const done = fold(planned(first, NOON), ended(first, 'proposed'), accepted(first));
    fc.assert(
      fc.property(history, (later) => {
        const end = later.reduce((view, record, n) => evolveRun(view, record, n + 10), done);
        expect(end).toBe(done);
      }),
    );
  });

  it('changes nothing when a record comes a second time, at its position or at a later one', () => {
    fc.assert(
      fc.property(history, (given) => {
        let view: RunView | undefined;
        for (const [n, record] of given.entries()) {
          view = evolveRun(view, record, 2 * n + 1);
          expect(evolveRun(view, record, 2 * n + 1)).toBe(view);
          expect(evolveRun(view, record, 2 * n + 2)).toBe(view);
        }
      }),
      { numRuns: 200 },
    );
  });
});
