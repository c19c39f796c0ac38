import { describe, expect, it } from '@jest/globals';
import { formatTime, type RunRecord, STREAMS } from '@signalbox/contracts';
import { ConfigModel } from './config-model.js';
import { Deciding } from './deciding.js';
import { EMPTY_SNAPSHOT } from './model-snapshot.js';
import { claim, RULES } from './resources.fixture.js';
import { endedRun } from './scenario.fixture.js';

type Discovered = Extract<RunRecord, { type: 'discovered' }>;

const NOW_MS = Date.parse('2026-05-30T12:00:00Z');
const cause = (seq: number) => ({ stream: STREAMS.activity, seq, index: 0 });
const proposal = (name: string, ttlMs?: number) =>
  endedRun(
    { by: 'claims', about: [name], resources: [claim(name)], ...(ttlMs !== undefined && { ttlMs }) },
    NOW_MS,
    `run-${name}`,
  );

/** What a source brings: `about` names the facts, the first resource comes from the last of them. */
const discovery = (
  names: readonly string[],
  about: readonly string[] = [],
  runId = 'discovery-1',
): Discovered => {
  const { facts } = endedRun({ by: 'any', about, resources: [] }, NOW_MS, 'fact').order;
  const at = formatTime(NOW_MS);
  return {
    type: 'discovered',
    at,
    observedAt: at,
    runId,
    owner: 'BackendSource/vms',
    resources: names.map((name) => claim(name)),
    facts,
    factOf: names.map((_, index) => facts.length - 1 - index),
    ...(about.length > 0 && { group: 'edge' }),
  };
};

describe('what a source brings', () => {
  const fresh = (): { model: ConfigModel; deciding: Deciding } => {
    const model = new ConfigModel(EMPTY_SNAPSHOT, RULES);
    return { model, deciding: new Deciding(model, { maxRecordBytes: 1_000_000 }) };
  };

  it('is one part that is held, each resource with its own fact', () => {
    const { model, deciding } = fresh();
    const [record] = deciding.run(discovery(['a', 'b', 'c'], ['x', 'y']), cause(1), NOW_MS);
    expect(record).toMatchObject({ type: 'accepted', part: { source: 'BackendSource/vms', generation: 1 } });
    const far = NOW_MS + 10 * 365 * 86_400_000;
    expect(deciding.settle(cause(2), far).map(({ type }) => type)).toEqual(['generation']);
    expect(model.nextDueMs()).toBeUndefined();
    expect(model.render().map(({ resource }) => resource.metadata.annotations)).toEqual([
      expect.objectContaining({ 'routerd.net/event-id': 'fact-y', 'routerd.net/event-group': 'edge' }),
      expect.objectContaining({ 'routerd.net/event-id': 'fact-x' }),
      { 'routerd.net/dynamic-source': 'BackendSource/vms' },
    ]);
  });

  it('takes the place of what it brought before, once', () => {
    const { model, deciding } = fresh();
    deciding.run(discovery(['a', 'b']), cause(1), NOW_MS);
    const again = discovery(['b'], [], 'discovery-2');
    expect(deciding.run(again, cause(2), NOW_MS)).toHaveLength(1);
    expect(deciding.run(again, cause(3), NOW_MS)).toEqual([]);
    expect(model.render().map(({ resource }) => resource.metadata.name)).toEqual(['b']);
  });

  it('is rejected when it does not merge, and the last one stays', () => {
    const { model, deciding } = fresh();
    deciding.run(discovery(['a']), cause(1), NOW_MS);
    const bad = { ...discovery(['b'], [], 'discovery-2'), resources: [claim('b', { domain: 'absent' })] };
    expect(deciding.run(bad, cause(2), NOW_MS)).toMatchObject([
      { type: 'rejected', owner: 'BackendSource/vms' },
    ]);
    expect(model.render().map(({ resource }) => resource.metadata.name)).toEqual(['a']);
  });

  it('ends when the source is withdrawn', () => {
    const { model, deciding } = fresh();
    deciding.run(discovery(['a']), cause(1), NOW_MS);
    const at = formatTime(NOW_MS);
    const withdrawn = {
      type: 'withdrawn',
      at,
      owner: 'BackendSource/vms',
      dueAt: at,
      reason: 'deleted',
    } as const;
    expect(deciding.run(withdrawn, cause(2), NOW_MS)).toMatchObject([
      { type: 'withdrawn', reason: 'deleted' },
    ]);
    expect(model.render()).toEqual([]);
  });
});

describe('a turn of the renderer', () => {
  it('builds on what it decided before: one generation with the parts of all its runs', () => {
    const model = new ConfigModel(EMPTY_SNAPSHOT, RULES);
    const deciding = new Deciding(model, { maxRecordBytes: 1_000_000 });
    const records = [
      ...deciding.run(proposal('a'), cause(1), NOW_MS),
      ...deciding.run(proposal('b'), cause(2), NOW_MS),
      ...deciding.settle(cause(2), NOW_MS),
    ];
    expect(records.map(({ type }) => type)).toEqual(['accepted', 'accepted', 'generation']);
    expect(model.generation()).toBe(1);
    expect(deciding.settle(cause(3), NOW_MS)).toEqual([]);
  });

  it('ends what has expired before it looks at a proposal', () => {
    const deciding = new Deciding(new ConfigModel(EMPTY_SNAPSHOT, RULES), { maxRecordBytes: 1_000_000 });
    deciding.run(proposal('a', 1000), cause(1), NOW_MS);
    const later = deciding.run(proposal('b', 9000), cause(2), NOW_MS + 2000);
    expect(later.map(({ type }) => type)).toEqual(['expired', 'accepted']);
  });

  it('rejects a part that is larger than a message may be, with both sizes', () => {
    const model = new ConfigModel(EMPTY_SNAPSHOT, RULES);
    const deciding = new Deciding(model, { maxRecordBytes: 100 });
    const [record] = deciding.run(proposal('a'), cause(1), NOW_MS);
    expect(record).toMatchObject({
      type: 'rejected',
      runId: 'run-a',
      error: { code: 'result-too-large', message: expect.stringMatching(/^the part has \d+ bytes .* 100:/) },
    });
    expect(deciding.settle(cause(1), NOW_MS)).toEqual([]);
  });
});
