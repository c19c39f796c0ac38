import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Bus, ensureStream, STREAM_DEFINITIONS } from '@signalbox/bus';
import { BALANCE_API, type EffectiveRecord, refOf, type Resource, SUBJECTS } from '@signalbox/contracts';
import { type EmbeddedServer, startNats } from '@signalbox/embedded';
import { SystemClock } from '@signalbox/runtime';
import { createDataSource, migrate } from '@signalbox/store';
import { createDatabase, type TestDatabase, until } from '@signalbox/testing';
import type { DataSource } from 'typeorm';
import { FrontendBook } from './frontend-book.js';
import { VipLeases } from './vip-leases.js';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
let directory: string;
let nats: EmbeddedServer;
let database: TestDatabase;
let bus: Bus;
let dataSource: DataSource;

function aResource(kind: string, name: string, spec: object): Resource {
  return { apiVersion: BALANCE_API, kind, metadata: { name }, spec: { ...spec } };
}

const frontend = (name: string) =>
  aResource('Frontend', name, { address: '192.0.2.1', pools: [{ name: 'primary' }] });
const member = (frontendRef: string) =>
  aResource('PoolMember', 'the-member', { frontendRef, pool: 'primary', backendRef: 'nginx1' });

async function generation(
  number: number,
  change: Partial<Record<'added' | 'changed' | 'removed', Resource[]>>,
): Promise<void> {
  const { added = [], changed = [], removed = [] } = change;
  const record: EffectiveRecord = {
    type: 'generation',
    generation: number,
    chunk: 0,
    complete: true,
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
  await bus.publisher.publishJson(SUBJECTS.trafficConfig, { records: [record] });
}

describe('the frontends of the effective config', () => {
  let frontends: FrontendBook;
  /** What had to be decided, one entry per try. */
  let tries: string[][];
  /** How many of the next tries fail after the change was followed. */
  let failures: number;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'signalbox-frontends-'));
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
    frontends = new FrontendBook(bus, dataSource, new VipLeases(bus, dataSource, new SystemClock()));
    tries = [];
    failures = 0;
    await frontends.book.load();
    await frontends.book.follow(({ changed }) => {
      tries.push([...frontends.follow(changed)].sort());
      if (failures-- > 0) return Promise.reject(new Error('not now'));
      frontends.settled();
      return Promise.resolve();
    });
    await generation(1, { added: [frontend('web'), frontend('shop'), member('web')] });
    await until('the frontends', () => tries.length === 1);
    expect(frontends.hasMember('web', 'primary', 'nginx1')).toBe(true);
  });

  afterEach(() => frontends.book.stop());

  afterAll(async () => {
    await bus.close();
    await dataSource.destroy();
    await database.drop();
    await nats.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('names the frontend of a removed PoolMember again when the change is followed again', async () => {
    failures = 2;
    await generation(2, { removed: [member('web')] });
    await until('three tries', () => tries.length === 4);
    expect(tries.slice(1)).toEqual([['web'], ['web'], ['web']]);
    expect(frontends.hasMember('web', 'primary', 'nginx1')).toBe(false);
  });

  it('names the frontend that a PoolMember left again when the change is followed again', async () => {
    failures = 1;
    await generation(2, { changed: [member('shop')] });
    await until('two tries', () => tries.length === 3);
    expect(tries.slice(1)).toEqual([
      ['shop', 'web'],
      ['shop', 'web'],
    ]);
    expect(frontends.hasMember('web', 'primary', 'nginx1')).toBe(false);
    expect(frontends.hasMember('shop', 'primary', 'nginx1')).toBe(true);
  });

  it('names the listeners of whatever changes, and no others', async () => {
    const inPool = aResource('PoolMember', 'pool/one/nginx1', { poolRef: 'one', backendRef: 'nginx1' });
    const listener = (name: string, port: number, pools: string[]) =>
      aResource('Listener', name, { loadBalancer: 'lb', protocol: 'tcp', port, pools });
    const balancer = aResource('LoadBalancer', 'lb', { address: '192.0.2.2' });
    const [one, two] = ['one', 'two'].map((name) => aResource('Pool', name, {}));
    const added = [
      balancer,
      one!,
      two!,
      inPool,
      listener('l1', 80, ['one']),
      listener('l2', 81, ['one', 'two']),
    ];
    await generation(2, { added });
    await generation(3, { changed: [two!] });
    await generation(4, { removed: [inPool] });
    await generation(5, { changed: [balancer] });
    await generation(6, { changed: [aResource('Backend', 'nginx1', { address: '10.0.0.1' })] });
    await until('every change', () => tries.length === 6);
    expect(tries.slice(1)).toEqual([['l1', 'l2'], ['l2'], ['l1', 'l2'], ['l1', 'l2'], ['web']]);
    expect(frontends.modelOf('l2')).toMatchObject({ kind: 'Listener', address: '192.0.2.2', port: 81 });
    expect(frontends.poolsOf('l2')).toEqual(['one', 'two']);
    expect(frontends.hasMember('l2', 'one', 'nginx1')).toBe(false);
    expect([...frontends.models()].map(({ name }) => name).sort()).toEqual(['l1', 'l2', 'shop', 'web']);
  });

  it('names nobody again who was settled', async () => {
    await generation(2, { removed: [member('web')] });
    await generation(3, { changed: [frontend('shop')] });
    await until('both changes', () => tries.length === 3);
    expect(tries.slice(1)).toEqual([['web'], ['shop']]);
  });
});
