import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Bus, ensureStream, getLast, STREAM_DEFINITIONS } from '@signalbox/bus';
import {
  decodeRefusedRecord,
  REFUSED_LIMITS,
  type RefusedRecord,
  STREAMS,
  SUBJECTS,
} from '@signalbox/contracts';
import { type EmbeddedServer, startNats } from '@signalbox/embedded';
import { SystemClock } from '../clock.js';
import { Metrics } from '../metrics.js';
import { RefusedAttempts } from './refused-attempts.js';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

describe('refused attempts', () => {
  let directory: string;
  let server: EmbeddedServer;
  let bus: Bus;
  let refused: RefusedAttempts;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'signalbox-refused-'));
    server = await startNats({ env: process.env, stateDir: directory, log: () => undefined });
    bus = await Bus.connect({ url: server.url, name: 'test', log: silent });
    await ensureStream(bus.manager, STREAM_DEFINITIONS.activity, silent);
  }, 300_000);

  afterAll(async () => {
    await bus.close();
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  });

  beforeEach(() => {
    refused = new RefusedAttempts(bus, new SystemClock(), new Metrics());
  });

  async function told(): Promise<{ seq: number; record: RefusedRecord; bytes: number }> {
    const { seq, data } = (await getLast(bus, STREAMS.activity, SUBJECTS.refused))!;
    return { seq, record: decodeRefusedRecord(data), bytes: data.byteLength };
  }

  it('are one line for each caller and reason, in one record', async () => {
    const attempt = { address: '192.0.2.7', reason: 'unauthorized', route: 'GET /v1/runs' };
    for (let nr = 0; nr < 1000; nr += 1) refused.note({ ...attempt, route: `GET /v1/runs/${nr}` });
    refused.note({ ...attempt, subject: 'token:t1', reason: 'forbidden' });
    await refused.tell();
    const { record } = await told();
    expect(record.lines).toEqual([
      { ...attempt, route: 'GET /v1/runs/0', count: 1000 },
      { ...attempt, subject: 'token:t1', reason: 'forbidden', count: 1 },
    ]);
    expect(record.beyond).toBe(0);
  });

  it('of ever other addresses, with texts of any length, stay one small record', async () => {
    const long = '\ud800'.repeat(100_000);
    for (let nr = 0; nr < 5000; nr += 1)
      refused.note({
        subject: long,
        address: `2001:db8::${nr.toString(16)}`,
        reason: 'unauthorized',
        route: long,
      });
    await refused.tell();
    const { record, bytes } = await told();
    expect(record.lines).toHaveLength(REFUSED_LIMITS.lines);
    expect(record.beyond).toBe(5000 - REFUSED_LIMITS.lines);
    expect(bytes).toBeLessThanOrEqual(128 * 1024);
  });

  it('are not told when there were none', async () => {
    const { seq } = await told();
    await refused.tell();
    expect((await told()).seq).toBe(seq);
  });
});
