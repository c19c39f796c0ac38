import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type EmbeddedServer, startNats } from '@signalbox/embedded';
import { Bus, ensureStream, factsDefinition, lastOf } from './index.js';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const STREAM = 'FACTS_lan';

let directory: string;
let server: EmbeddedServer;
let bus: Bus;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-last-'));
  server = await startNats({ env: process.env, stateDir: directory, log: () => undefined });
  bus = await Bus.connect({ url: server.url, name: 'test', log: silent });
  await ensureStream(bus.manager, factsDefinition('lan'), silent);
}, 300_000);

afterAll(async () => {
  await bus.close();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

it('finds the last message under a filter with wildcards, and from where to read on', async () => {
  const empty = await lastOf(bus, STREAM, 'facts.lan.*.*.client.*');
  expect(empty.last).toBe(0);
  expect(empty.next).toBeLessThanOrEqual(1);
  for (const subject of ['own.1.client.seen', 'peer.2.client.gone', 'own.3.client.seen', 'own.3.door.opened'])
    await bus.publisher.publish(`facts.lan.${subject}`, Buffer.from('{}'));

  expect(await lastOf(bus, STREAM, 'facts.lan.*.*.client.*')).toEqual({ last: 3, next: 3 });
  expect(await lastOf(bus, STREAM, 'facts.lan.*.*.client.gone')).toEqual({ last: 2, next: 2 });
  expect(await lastOf(bus, STREAM, 'facts.lan.*.*.>')).toEqual({ last: 4, next: 4 });
  const none = await lastOf(bus, STREAM, 'facts.lan.*.*.client');
  expect(none.last).toBe(0);
  expect(none.next).toBeLessThanOrEqual(5);
  expect(await bus.manager.consumers.list(STREAM).next()).toEqual([]);
});
