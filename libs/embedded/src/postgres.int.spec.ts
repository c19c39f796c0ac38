import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import type { EmbeddedServer } from './embedded-server.js';
import { deadlinePassed, pollUntil } from './poll-until.js';
import { startPostgres } from './postgres.js';
import { isAlive } from './process-table.js';

const DEADLINE_MS = 60_000;

describe('startPostgres', () => {
  let stateDir: string;
  let lines: string[];
  const running: EmbeddedServer[] = [];
  const start = async (settings: Record<string, string> = {}): Promise<EmbeddedServer> => {
    const server = await startPostgres({
      env: process.env,
      stateDir,
      log: (line) => lines.push(line),
      settings,
    });
    running.push(server);
    return server;
  };
  const query = async (url: string, sql: string): Promise<unknown[]> => {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query({ text: sql, rowMode: 'array' })).rows.flat();
    } finally {
      await client.end();
    }
  };

  beforeEach(() => {
    lines = [];
    stateDir = mkdtempSync(join(tmpdir(), 'signalbox-pg-'));
    chmodSync(stateDir, 0o711);
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((server) => server.stop()));
    rmSync(stateDir, { recursive: true });
  });

  it('has the database, and keeps its data over a kill, a stop and a second start', async () => {
    const first = await start();
    await query(first.url, 'create table kept as select 42 as answer');

    const killed = first.pid() ?? 0;
    process.kill(killed, 'SIGKILL');
    const isBack = (): boolean => lines.some((line) => line.includes('is back on'));
    expect(await pollUntil(isBack, deadlinePassed(DEADLINE_MS))).toBe(true);
    expect(first.pid()).not.toBe(killed);
    expect(await query(first.url, 'select answer from kept')).toEqual([42]);

    const pid = first.pid() ?? 0;
    await Promise.all([first.stop(), first.stop()]);
    expect(isAlive(pid)).toBe(false);
    expect(first.pid()).toBeUndefined();

    const second = await start();
    expect(await query(second.url, 'select answer from kept')).toEqual([42]);
  }, 300_000);

  it('takes settings, and is on loopback only', async () => {
    const { url } = await start({ fsync: 'off' });
    expect(await query(url, 'show fsync')).toEqual(['off']);
    expect(await query(url, 'show listen_addresses')).toEqual(['127.0.0.1']);
    expect(await query(url, 'show unix_socket_directories')).toEqual(['']);
  }, 300_000);

  it('does initdb again when it was killed half way', async () => {
    const half = join(stateDir, 'pg', 'unfinished-first-try');
    mkdirSync(half, { recursive: true });
    writeFileSync(join(half, 'PG_VERSION'), '18\n');
    const server = await start();
    expect(await query(server.url, 'select 1')).toEqual([1]);
    expect(readdirSync(join(stateDir, 'pg'))).toEqual(['data']);
  }, 300_000);

  it('starts although the pid of a killed Postgres belongs to another process now', async () => {
    const first = await start();
    await first.stop();
    const lock = join(first.dataDir, 'postmaster.pid');
    expect(existsSync(lock)).toBe(false);
    writeFileSync(lock, `${process.pid}\n${first.dataDir}\n1700000000\n${first.port}\n\n127.0.0.1\n`);
    writeFileSync(join(stateDir, 'postgres.pid'), `${process.pid} ${process.pid}\n`);
    const second = await start();
    expect(second.pid()).toBe(Number(readFileSync(lock, 'utf8').split('\n')[0]));
    expect(await query(second.url, 'select 1')).toEqual([1]);
  }, 300_000);

  it('says why when it cannot start', async () => {
    await expect(start({ shared_buffers: 'plenty' })).rejects.toThrow(
      'invalid value for parameter "shared_buffers"',
    );
  }, 300_000);
});
