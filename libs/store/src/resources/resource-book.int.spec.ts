import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Bus, ensureStream, STREAM_DEFINITIONS } from '@signalbox/bus';
import { FEDERATION_API, SUBJECTS } from '@signalbox/contracts';
import { type EmbeddedServer, startNats } from '@signalbox/embedded';
import { createDatabase, type TestDatabase, until } from '@signalbox/testing';
import type { DataSource } from 'typeorm';
import { createDataSource, migrate, ResourceBook } from '../index.js';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const START_MS = 300_000;

let directory: string;
let nats: EmbeddedServer;
let database: TestDatabase;
let bus: Bus;
let dataSource: DataSource;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-book-'));
  nats = await startNats({ env: process.env, stateDir: directory, log: () => undefined });
  bus = await Bus.connect({ url: nats.url, name: 'test', log: silent });
  await ensureStream(bus.manager, STREAM_DEFINITIONS.journal, bus.log);
  await ensureStream(bus.manager, STREAM_DEFINITIONS.dead, bus.log);
  database = await createDatabase();
  dataSource = await createDataSource(database.url).initialize();
  await migrate(dataSource);
}, START_MS);

afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
  await bus?.close();
  await nats?.stop();
  await rm(directory, { recursive: true, force: true });
}, START_MS);

/** A changeset that puts group `edge`, described by a text. */
async function put(description: string): Promise<number> {
  const resource = {
    apiVersion: FEDERATION_API,
    kind: 'EventGroup',
    metadata: { name: 'edge' },
    spec: { description },
  };
  const changes = [{ op: 'put', resource }];
  const changeset = { author: 'test', message: '', at: '2026-05-30T12:00:00Z', changes };
  return (await bus.publisher.publishJson(SUBJECTS.resources, changeset)).seq;
}

it('shows a changeset that could not be handled again without going back to the ones before it', async () => {
  const revisions = [await put('first'), await put('second'), await put('third')];
  const book = new ResourceBook('test', bus, dataSource);
  const handled: [number, unknown][] = [];
  let failures = 0;
  await book.load();
  book.follow((revision) => {
    handled.push([revision, book.get(FEDERATION_API, 'EventGroup', 'edge')?.resource.spec]);
    if (revision !== revisions[1] || failures > 0) return;
    failures += 1;
    throw new Error('not now');
  });
  await until('everything to be handled', () => handled.at(-1)?.[0] === revisions[2]);
  await book.stop();
  expect(handled).toEqual([
    [revisions[0], { description: 'first' }],
    [revisions[1], { description: 'second' }],
    [revisions[1], { description: 'second' }],
    [revisions[2], { description: 'third' }],
  ]);
});
