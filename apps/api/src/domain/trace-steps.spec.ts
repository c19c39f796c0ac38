import { describe, expect, it } from '@jest/globals';
import type { EffectiveRecord, PartRecord, RunRecord, SinkRecord } from '@signalbox/contracts';
import { TRACE_BOUNDS, TraceSteps } from './trace-steps.js';

const AT = '2026-05-30T12:00:00Z';
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const given = (span: string) => `00-${TRACE}-${span.padStart(16, '0')}-01`;

const fact = (id: string, traceparent?: string) => ({
  ...{ seq: 1, id, origin: 'n', factKey: id, subject: id },
  ...(traceparent !== undefined && { traceparent }),
});

function order(runId: string, facts: readonly ReturnType<typeof fact>[]) {
  return {
    ...{ runId, attempt: 1, plugin: 'p', revision: 1, source: `S/${runId}`, facts },
    ...{ retry: { maxAttempts: 3, backoffMs: 1, maxBackoffMs: 1 }, subscription: 's', group: 'g' },
  };
}

const planned = (runId: string, ...facts: ReturnType<typeof fact>[]): RunRecord => ({
  ...{ type: 'planned', at: AT },
  ...order(runId, facts),
});
const ended = (
  runId: string,
  outcome: 'proposed' | 'failed',
  ...facts: ReturnType<typeof fact>[]
): RunRecord => ({
  ...{ type: 'ended', at: AT, order: order(runId, facts), outcome },
  execution: { startedAt: AT, durationMs: 40 },
  ...(outcome === 'failed' && { error: { code: 'plugin-exit', message: 'exit code 1' } }),
});
const accepted = (runId: string, ...facts: ReturnType<typeof fact>[]): PartRecord => ({
  ...{ type: 'accepted', at: AT, cause: { stream: 'ACTIVITY', seq: 1 }, supersedes: [] },
  part: {
    ...{ source: `S/${runId}`, generation: 1, owner: 'S', runId, attempt: 1, facts, digest: 'd' },
    ...{ observedAt: AT, resources: [], directives: [], actionPlans: [] },
  },
});
const generation = (number: number): EffectiveRecord => ({
  ...{ type: 'generation', generation: number, chunk: 0, complete: true, at: AT },
  ...{ cause: { stream: 'ACTIVITY', seq: 1 }, revision: 1, digest: 'd', resources: 1 },
  ...{ added: [], changed: [], removed: [], quarantined: [] },
});
const applied = (sink: string, number: number): SinkRecord => ({
  ...{ sink, version: 1, at: AT, state: 'applied', revision: 1, generation: number },
  content: { generation: number, digest: 'd', bytes: 10, resources: 1, at: AT, place: 'p' },
});

describe('steps of traces', () => {
  it('follow from one another, from the plan to what is written', () => {
    const steps = new TraceSteps();
    const traced = fact('e', given('1'));
    const all = [
      ...steps.ofRun(planned('r', traced)),
      ...steps.ofRun(ended('r', 'proposed', traced)),
      ...steps.ofPart(accepted('r', traced)),
      ...steps.ofGeneration(generation(7)),
      ...steps.ofSink(applied('file', 7)),
    ];
    expect(all.map(({ name }) => name)).toEqual(['plan', 'run', 'decide', 'merge', 'write']);
    expect(all[0]!.parent.spanId).toBe('1'.padStart(16, '0'));
    for (const [at, step] of all.slice(1).entries()) expect(step.parent).toEqual(all[at]!.place);
    expect(all[1]!.endMs - all[1]!.startMs).toBe(40);
  });

  it('of what is in no trace are none', () => {
    const steps = new TraceSteps();
    const plain = fact('e');
    expect([
      ...steps.ofRun(planned('r', plain)),
      ...steps.ofRun(ended('r', 'proposed', plain)),
      ...steps.ofPart(accepted('r', plain)),
      ...steps.ofGeneration(generation(1)),
      ...steps.ofSink(applied('file', 1)),
    ]).toEqual([]);
  });

  it('of a batch are in the trace of its first fact that has one, linked to the others', () => {
    const [step] = new TraceSteps().ofRun(
      planned('r', fact('a'), fact('b', given('2')), fact('c', given('3'))),
    );
    expect(step).toMatchObject({
      parent: { spanId: '2'.padStart(16, '0') },
      links: [{ spanId: '3'.padStart(16, '0') }],
    });
  });

  it('say why a run failed, and why a part was refused', () => {
    const steps = new TraceSteps();
    const traced = fact('e', given('1'));
    expect(steps.ofRun(ended('bad', 'failed', traced))).toMatchObject([{ error: 'exit code 1' }]);
    steps.ofRun(ended('r', 'proposed', traced));
    const rejected: PartRecord = {
      ...{ type: 'rejected', at: AT, cause: { stream: 'ACTIVITY', seq: 1 }, runId: 'r', attempt: 1 },
      ...{ owner: 'S', source: 'S/r', error: { code: 'part-conflict', message: 'taken' } },
    };
    expect(steps.ofPart(rejected)).toMatchObject([{ name: 'decide', error: 'taken' }]);
  });

  it('of a sink are of each generation that it had not written', () => {
    const steps = new TraceSteps();
    for (const number of [1, 2, 3]) {
      steps.ofPart(accepted(`r${number}`, fact(`e${number}`, given(`${number}`))));
      steps.ofGeneration(generation(number));
    }
    expect(steps.ofSink(applied('file', 1))).toHaveLength(1);
    expect(steps.ofSink(applied('file', 3))).toHaveLength(2);
    expect(steps.ofSink(applied('file', 3))).toHaveLength(0);
  });

  it('are forgotten when there are too many', () => {
    const steps = new TraceSteps();
    for (let number = 0; number <= TRACE_BOUNDS.tracesOfGeneration; number += 1)
      steps.ofPart(accepted(`r${number}`, fact(`e${number}`, given('1'))));
    expect(steps.ofGeneration(generation(1))).toHaveLength(TRACE_BOUNDS.tracesOfGeneration);
    for (let number = 2; number <= TRACE_BOUNDS.generations + 1; number += 1) {
      steps.ofPart(accepted(`g${number}`, fact('e', given('1'))));
      steps.ofGeneration(generation(number));
    }
    expect(steps.ofSink({ ...applied('file', 1) })).toEqual([]);
  });
});
