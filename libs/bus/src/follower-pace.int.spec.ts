import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { type EmbeddedServer, startNats } from '@signalbox/embedded';
import { until } from '@signalbox/testing';
import { Bus, ensureStream, Follower, STREAM_DEFINITIONS, type StreamMessage } from './index.js';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
let directory: string;
let server: EmbeddedServer;
let bus: Bus;
let follower: Follower | undefined;
/** What each batch held, by the end of the subjects. */
const batches: string[][] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-follower-pace-'));
  server = await startNats({ env: process.env, stateDir: directory, log: () => undefined });
  bus = await Bus.connect({ url: server.url, name: 'test', log: silent });
  await ensureStream(bus.manager, STREAM_DEFINITIONS.activity, bus.log);
}, 300_000);

afterEach(async () => {
  await follower?.stop();
  batches.length = 0;
  await bus.manager.streams.purge('ACTIVITY');
});

afterAll(async () => {
  await bus.close();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Follows; what has `patient` in its subject may wait. */
async function follow(): Promise<void> {
  const { state } = await bus.manager.streams.info('ACTIVITY');
  follower = new Follower(bus, {
    name: 'pace',
    stream: 'ACTIVITY',
    filter: 'activity.test.>',
    fromSeq: state.last_seq + 1,
    mayWait: ({ subject }: StreamMessage) => subject.includes('patient'),
    onBatch: (batch) => {
      batches.push(batch.map(({ subject }) => subject.slice('activity.test.'.length)));
      return Promise.resolve();
    },
  });
  await follower.caughtUp;
}

async function append(what: string): Promise<void> {
  await bus.publisher.publishJson(`activity.test.${what}`, {});
}

it('handles what may wait together with what may not, in order', async () => {
  await follow();
  await append('patient.1');
  await append('patient.2');
  await append('urgent.3');
  await until('all', () => batches.flat().length === 3);
  expect(batches.flat()).toEqual(['patient.1', 'patient.2', 'urgent.3']);
  expect(batches[0]).toContain('patient.2');
});

it('does not leave what may wait when nothing follows', async () => {
  await follow();
  await append('patient.1');
  await until('it', () => batches.length === 1);
});

it('hands over less often than messages come, and loses none', async () => {
  await follow();
  const sent = Array.from({ length: 500 }, (_, n) => `urgent.${n}`);
  for (const what of sent) await append(what);
  await until('all', () => batches.flat().length === sent.length);
  expect(batches.flat()).toEqual(sent);
  expect(batches.length).toBeLessThan(sent.length / 2);
});

it('stops at once while it lets something wait', async () => {
  await follow();
  await append('patient.1');
  await follower!.stop();
  expect(batches.length).toBeLessThanOrEqual(1);
});
