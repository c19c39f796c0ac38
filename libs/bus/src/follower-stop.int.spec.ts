import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EmbeddedServer, startNats } from '@signalbox/embedded';
import { until } from '@signalbox/testing';
import { Bus, ensureStream, Follower, STREAM_DEFINITIONS } from './index.js';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
let directory: string;
let server: EmbeddedServer;
let bus: Bus;

function follow(): Follower {
  return new Follower(bus, {
    name: 'test',
    stream: 'ACTIVITY',
    filter: 'activity.test',
    fromSeq: 1,
    onBatch: () => Promise.resolve(),
  });
}

async function consumers(): Promise<string[]> {
  const infos = await bus.manager.consumers.list('ACTIVITY').next();
  return infos.map(({ name }) => name);
}

describe('a follower that is stopped', () => {
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'signalbox-follower-stop-'));
    server = await startNats({ env: process.env, stateDir: directory, log: () => undefined });
    bus = await Bus.connect({ url: server.url, name: 'test', log: silent });
    await ensureStream(bus.manager, STREAM_DEFINITIONS.activity, bus.log);
  }, 300_000);

  afterAll(async () => {
    await bus.connection.close(); // there is no server left to drain to
    await bus.close();
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('leaves no consumer on the stream', async () => {
    await bus.publisher.publishJson('activity.test', {});
    const [stopped, other] = [follow(), follow()];
    await Promise.all([stopped.caughtUp, other.caughtUp]);
    expect(await consumers()).toHaveLength(2);
    await stopped.stop();
    expect(await consumers()).toHaveLength(1);
    await other.stop();
    expect(await consumers()).toEqual([]);
  });

  it('leaves none either when it is stopped while it opens one', async () => {
    await follow().stop();
    expect(await consumers()).toEqual([]);
  });

  it('does not mind that its consumer is gone, or that it was stopped before', async () => {
    const follower = follow();
    await follower.caughtUp;
    const [name] = await consumers();
    await bus.manager.consumers.delete('ACTIVITY', name!);
    await follower.stop();
    await follower.stop();
    expect(await consumers()).toEqual([]);
  });

  it('asks nothing of a server that is away', async () => {
    const follower = follow();
    await follower.caughtUp;
    await server.stop();
    await until('the connection to be lost', () => !bus.isUp);
    const asked = bus.connection.stats().outMsgs;
    await follower.stop();
    expect(bus.connection.stats().outMsgs).toBe(asked);
  });
});
