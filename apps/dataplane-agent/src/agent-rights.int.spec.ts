import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, connect as dial, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Bus, ensureStream, getLast, STREAM_DEFINITIONS } from '@signalbox/bus';
import { decodeNodeRecord, type NodeStateAnswer, SUBJECTS } from '@signalbox/contracts';
import { ensureSiteKeys } from '@signalbox/embedded';
import { boot, readSiteConfig, type RunningServices } from '@signalbox/runtime';
import { NatsProcess, until } from '@signalbox/testing';
import { DATAPLANE_AGENT } from './agent.module.js';
import { listener, NodeWriter } from './node-writer.fixture.js';

const TEST_MS = 120_000;
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

let dir: string;
let nats: NatsProcess;
let operator: Bus;
let server: Server;
let agent: RunningServices | undefined;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'signalbox-rights-'));
  const keys = join(dir, 'nats', 'keys');
  ensureSiteKeys({ dir: keys, usersFile: 'deploy/nats/users.conf' });
  nats = await NatsProcess.start(join(dir, 'nats'), ['include "keys/nats/users.conf"']);
  operator = await connect('operator');
  await ensureStream(operator.manager, STREAM_DEFINITIONS.activity, log);
  server = createServer((socket) => socket.end('hello')).listen(0, '127.0.0.1');
  await until('the server to listen', () => server.listening);
}, TEST_MS);

afterAll(async () => {
  await agent?.stop();
  server.close();
  await operator.close();
  await nats.kill();
  await rm(dir, { recursive: true, force: true });
}, TEST_MS);

function seedOf(user: string): string {
  return readFileSync(join(dir, 'nats', 'keys', user, 'nats.seed'), 'utf8').trim();
}

function connect(user: string): Promise<Bus> {
  return Bus.connect({
    url: nats.url,
    login: { kind: 'nkey', seed: seedOf(user), from: 'a test' },
    name: user,
    log,
  });
}

/** What a client gets who connects there. */
function fetched(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = dial(port, '127.0.0.1');
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    socket.on('error', reject).on('close', () => resolve(text));
  });
}

async function start(): Promise<RunningServices> {
  const config = readSiteConfig(
    {
      NATS_URL: nats.url,
      NATS_SEED_FILE: join(dir, 'nats', 'keys', 'dataplane-agent', 'nats.seed'),
      SIGNALBOX_STATE_DIR: join(dir, 'state'),
      HTTP_PORT: '0',
      LOG_LEVEL: 'silent',
    },
    { withoutStore: true },
  );
  return boot([DATAPLANE_AGENT], config);
}

it(
  'carries traffic through sim with the rights of its own NATS user, and needs no others',
  async () => {
    agent = await start();
    const api = await connect('api');
    const { port } = server.address() as { port: number };
    const writer = await NodeWriter.of(operator);
    await writer.write(listener('web', { address: '127.0.0.1', port, weight: 100, flushes: 0 }));
    const record = await until('the record of the node', async () => {
      const last = await getLast(operator, 'ACTIVITY', SUBJECTS.nodeActivity('local'));
      return last && decodeNodeRecord(last.data);
    });
    expect(record).toMatchObject({ driver: 'sim', state: 'ready', appliedGeneration: 1 });
    const { listensAt } = record.listeners[0]!;
    expect(await fetched(listensAt!.port)).toBe('hello');
    for (const subject of [SUBJECTS.askNode('local', 'state'), SUBJECTS.ask('dataplane-agent', 'state')])
      expect(await api.ask<NodeStateAnswer>(subject, {}, 5000)).toMatchObject({ appliedGeneration: 1 });

    // the same port after a restart, and no record for it
    await agent.stop();
    agent = await start();
    expect(await until('traffic', () => fetched(listensAt!.port))).toBe('hello');
    const drained = listener('web', { address: '127.0.0.1', port, weight: 0, flushes: 0 });
    await writer.write(drained);
    const next = await until('the next record', async () => {
      const last = await getLast(operator, 'ACTIVITY', SUBJECTS.nodeActivity('local'));
      const found = last && decodeNodeRecord(last.data);
      return found?.appliedGeneration === 2 ? found : undefined;
    });
    expect(next).toMatchObject({ version: 2 });
    expect(next).not.toHaveProperty('whole');
    await api.close();
    // the server tells of everything that it refuses
    expect(readFileSync(join(dir, 'nats', 'nats.log'), 'utf8')).not.toContain('Violation');
  },
  TEST_MS,
);
