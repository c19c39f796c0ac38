import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Bus, ensureStream, STREAM_DEFINITIONS } from '@signalbox/bus';
import { type BackendRecord, type BackendState, SUBJECTS } from '@signalbox/contracts';
import { type EmbeddedServer, startNats } from '@signalbox/embedded';
import { Metrics, SystemClock } from '@signalbox/runtime';
import { backendsProjection, createDataSource, migrate, Projector } from '@signalbox/store';
import { createDatabase, type TestDatabase, until } from '@signalbox/testing';
import type { DataSource } from 'typeorm';
import { BackendStates } from './backend-states.js';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const PLACE = { address: '10.0.0.1', port: 8080 };
const HISTORIES: Readonly<Record<string, readonly BackendState[]>> = {
  'first-up': ['unknown', 'up'],
  'first-up-edited': ['unknown', 'up', 'up'],
  enabled: ['unknown', 'up', 'down', 'disabled', 'unknown', 'up'],
  merged: ['up'],
  recovered: ['unknown', 'up', 'down', 'up'],
  'recovered-edited': ['unknown', 'up', 'down', 'up', 'up', 'up'],
  failing: ['unknown', 'down'],
};
const FIRST_UP = ['first-up', 'first-up-edited', 'enabled', 'merged'];

let directory: string;
let nats: EmbeddedServer;
let database: TestDatabase;
let bus: Bus;
let dataSource: DataSource;

function recordsOf(backend: string, states: readonly BackendState[]): BackendRecord[] {
  return states.map((to, index) => {
    const at = new Date(Date.parse('2026-05-30T12:00:00Z') + index * 1000).toISOString();
    const from = states[index - 1];
    return {
      backend,
      version: index + 1,
      at,
      ...(from && { from }),
      to,
      since: at,
      result: { ok: to === 'up', code: 'L4OK', detail: '' },
      ...PLACE,
    };
  });
}

/** Whatever has been told of, as a balancer that starts now knows it, and how many records it had to follow. */
async function started(): Promise<{ states: BackendStates; followed: () => number }> {
  let followed = 0;
  const states = new BackendStates(bus, dataSource, new SystemClock(), new Metrics());
  await states.start((backends) => {
    followed += backends.size;
    return Promise.resolve();
  });
  return { states, followed: () => followed };
}

const firstUpIn = (states: BackendStates) =>
  Object.keys(HISTORIES).filter((name) => states.of(name, PLACE).isFirstUp);

describe('states of backends', () => {
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'signalbox-backends-'));
    [nats, database] = await Promise.all([
      startNats({ env: process.env, stateDir: directory, log: () => undefined }),
      createDatabase(),
    ]);
    bus = await Bus.connect({ url: nats.url, name: 'test', log: silent });
    await ensureStream(bus.manager, STREAM_DEFINITIONS.activity, bus.log);
    dataSource = await createDataSource(database.url).initialize();
    await migrate(dataSource);
    for (const [name, states] of Object.entries(HISTORIES))
      for (const record of recordsOf(name, states))
        await bus.publisher.publishJson(SUBJECTS.backendActivity(name), record);
  }, 300_000);

  afterAll(async () => {
    await bus.close();
    await dataSource.destroy();
    await database.drop();
    await nats.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('a restart knows from the rows what the records told: who is up for the first time', async () => {
    const live = await started();
    expect(live.followed()).toBeGreaterThan(0);
    expect(firstUpIn(live.states)).toEqual(FIRST_UP);

    const projector = await Projector.start(bus, dataSource, backendsProjection);
    await projector.caughtUp;
    await until('the rows', () => projector.position >= live.states.position);
    const restarted = await started();
    expect(restarted.followed()).toBe(0);
    for (const name of Object.keys(HISTORIES))
      expect(restarted.states.of(name, PLACE)).toEqual(live.states.of(name, PLACE));
    expect(firstUpIn(restarted.states)).toEqual(FIRST_UP);

    await Promise.all([live.states.stop(), restarted.states.stop(), projector.stop()]);
  });
});
