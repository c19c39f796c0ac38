import { describe, expect, it } from '@jest/globals';
import { STREAMS } from '@signalbox/contracts';
import { ConfigModel } from './config-model.js';
import { Deciding } from './deciding.js';
import { EMPTY_SNAPSHOT } from './model-snapshot.js';
import { claim, RULES } from './resources.fixture.js';
import { endedRun } from './scenario.fixture.js';

const NOW_MS = Date.parse('2026-05-30T12:00:00Z');
const cause = (seq: number) => ({ stream: STREAMS.activity, seq, index: 0 });
const proposal = (name: string, ttlMs?: number) =>
  endedRun(
    { by: 'claims', about: [name], resources: [claim(name)], ...(ttlMs !== undefined && { ttlMs }) },
    NOW_MS,
    `run-${name}`,
  );

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
