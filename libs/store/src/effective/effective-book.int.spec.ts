import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Bus, ensureStream, STREAM_DEFINITIONS } from '@signalbox/bus';
import {
  BALANCE_API,
  type EffectiveRecord,
  refOf,
  type Resource,
  configSubjectOf,
} from '@signalbox/contracts';
import { type EmbeddedServer, startNats } from '@signalbox/embedded';
import { createDatabase, type TestDatabase, until } from '@signalbox/testing';
import type { DataSource } from 'typeorm';
import { createDataSource, migrate, partsProjection, Projector } from '../index.js';
import { EffectiveBook, type EffectiveChange, type KindsOfGroup } from './effective-book.js';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
let directory: string;
let nats: EmbeddedServer;
let database: TestDatabase;
let bus: Bus;
let dataSource: DataSource;

function backend(name: string, address = '10.0.0.1'): Resource {
  return { apiVersion: BALANCE_API, kind: 'Backend', metadata: { name }, spec: { address } };
}

const OTHER: Resource = { apiVersion: 'example/v1', kind: 'Thing', metadata: { name: 't' }, spec: {} };
const UNREAD: Resource = { apiVersion: BALANCE_API, kind: 'Unread', metadata: { name: 'u' }, spec: {} };

/** Appends one generation, in as many chunks as are given. */
async function generation(
  number: number,
  ...chunks: readonly { added?: Resource[]; changed?: Resource[]; removed?: Resource[] }[]
): Promise<void> {
  for (const [chunk, { added = [], changed = [], removed = [] }] of chunks.entries()) {
    const record: EffectiveRecord = {
      type: 'generation',
      generation: number,
      chunk,
      complete: chunk === chunks.length - 1,
      at: '2026-05-30T12:00:00.000Z',
      cause: { stream: 'JOURNAL', seq: 1 },
      revision: 1,
      digest: 'd',
      resources: 1,
      added: added.map((resource) => ({ resource, revision: 1 })),
      changed: changed.map((resource) => ({ resource, revision: 1 })),
      removed: removed.map(refOf),
      quarantined: [],
    };
    await bus.publisher.publishJson(configSubjectOf([record]), { records: [record] });
  }
}

/** A book that follows, and what it handed over. */
async function follow(
  onChange: (change: EffectiveChange) => Promise<void> = () => Promise.resolve(),
  scope: KindsOfGroup | 'everything' = { apiVersion: BALANCE_API, kinds: new Set(['Backend']) },
): Promise<{ book: EffectiveBook; changes: EffectiveChange[] }> {
  const changes: EffectiveChange[] = [];
  const book = new EffectiveBook('test', scope, bus, dataSource);
  await book.load();
  await book.follow(async (change) => {
    await onChange(change);
    changes.push(change);
  });
  return { book, changes };
}

function names(book: EffectiveBook): string[] {
  return book.all('Backend').map(({ metadata }) => metadata.name);
}

describe('the effective config as a service reads it', () => {
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'signalbox-effective-'));
    [nats, database] = await Promise.all([
      startNats({ env: process.env, stateDir: directory, log: () => undefined }),
      createDatabase(),
    ]);
    bus = await Bus.connect({ url: nats.url, name: 'test', log: silent });
    dataSource = await createDataSource(database.url).initialize();
    await migrate(dataSource);
  }, 300_000);

  beforeEach(async () => {
    await bus.manager.streams.delete('ACTIVITY').catch(() => undefined);
    await ensureStream(bus.manager, STREAM_DEFINITIONS.activity, bus.log);
  });

  afterAll(async () => {
    await bus.close();
    await dataSource.destroy();
    await database.drop();
    await nats.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('hands over every generation that changes what balances traffic, also one of other kinds', async () => {
    const { book, changes } = await follow();
    await generation(1, { added: [backend('a'), OTHER] });
    await generation(2, { changed: [OTHER] });
    await generation(3, { changed: [backend('a', '10.0.0.2')], added: [backend('b')] });
    await generation(4, { removed: [backend('a')] });
    await generation(5, { added: [UNREAD] });
    await until('four generations', () => changes.length === 4);
    expect(changes.map(({ generation: number, changed }) => [number, changed.length])).toEqual([
      [1, 1],
      [3, 2],
      [4, 1],
      [5, 0],
    ]);
    expect(names(book)).toEqual(['b']);
    expect(book.position).toBe(changes.at(-1)?.seq);
    await book.stop();
  });

  it('hands over a generation of several chunks once, when it is complete', async () => {
    const { book, changes } = await follow();
    await generation(1, { added: [backend('a')] }, { added: [backend('b')] }, { added: [backend('c')] });
    await until('the generation', () => changes.length > 0);
    expect(changes).toHaveLength(1);
    expect(changes[0]?.changed).toHaveLength(3);
    expect(names(book)).toEqual(['a', 'b', 'c']);
    await book.stop();
  });

  it('gives a generation again, whole, when whoever took it failed', async () => {
    let failures = 2;
    const { book, changes } = await follow(() =>
      failures-- > 0 ? Promise.reject(new Error('not now')) : Promise.resolve(),
    );
    await generation(1, { added: [backend('a')] }, { added: [backend('b')] });
    await generation(2, { added: [backend('c')] });
    await until('both generations', () => changes.length === 2);
    expect(changes.map(({ changed }) => changed.length)).toEqual([2, 1]);
    await book.stop();
  });

  it('goes on where the rows of the projection stand', async () => {
    const projector = await Projector.start(bus, dataSource, partsProjection);
    await generation(1, { added: [backend('a'), OTHER] });
    await until('the rows', () => projector.position === 1);
    await projector.stop();
    await generation(2, { added: [backend('b')] });
    const { book, changes } = await follow();
    expect(names(book)).toEqual(['a', 'b']);
    expect(changes.map(({ generation: number }) => number)).toEqual([2]);
    expect(book.get('Backend', 'a')?.spec).toEqual({ address: '10.0.0.1' });
    await book.stop();
  });

  it('holds every kind when it is of everything, and hands over every generation', async () => {
    const projector = await Projector.start(bus, dataSource, partsProjection);
    await generation(1, { added: [backend('a'), OTHER] });
    await until('the rows', () => projector.position === 1);
    await projector.stop();
    await generation(2, { changed: [OTHER], added: [UNREAD] });
    await generation(3, { changed: [{ ...OTHER, spec: { is: 'new' } }], removed: [backend('a')] });
    const { book, changes } = await follow(undefined, 'everything');
    expect(changes.map(({ generation: number, changed }) => [number, changed.length])).toEqual([
      [2, 2],
      [3, 2],
    ]);
    expect(book.generation).toBe(3);
    expect([...book.everything()].map(({ kind }) => kind).sort()).toEqual(['Thing', 'Unread']);
    await book.stop();
  });

  it('knows the generation of the rows before another one comes', async () => {
    const projector = await Projector.start(bus, dataSource, partsProjection);
    await generation(7, { added: [OTHER] });
    await until('the rows', () => projector.position === 1);
    await projector.stop();
    const { book } = await follow(undefined, 'everything');
    expect([book.generation, [...book.everything()]]).toEqual([7, [OTHER]]);
    await book.stop();
  });
});
