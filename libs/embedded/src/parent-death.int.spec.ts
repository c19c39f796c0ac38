import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import swc from '@swc/core';
import { isPortFree } from './free-port.js';
import { deadlinePassed, pollUntil } from './poll-until.js';
import { hasGone, isAlive, parentOf } from './process-table.js';

const DEADLINE_MS = 60_000;
const SOURCES = fileURLToPath(new URL('.', import.meta.url));
const PACKAGES = fileURLToPath(new URL('../../../node_modules', import.meta.url));

/** A process that starts both servers, tells about them in one line, and stays. */
const PARENT = `
import { startNats, startPostgres } from './index.js';
const stateDir = process.argv[2];
const log = () => undefined;
const options = { env: process.env, stateDir, log };
const servers = await Promise.all([startNats(options), startPostgres(options)]);
console.log(JSON.stringify(servers.map(({ port, pid }) => ({ port, pid: pid() }))));
process.on('SIGTERM', () => void Promise.all(servers.map((server) => server.stop())).then(() => process.exit(0)));
`;

interface Server {
  port: number;
  pid: number;
}

describe('the servers of a process', () => {
  let compiled: string;
  let stateDir: string;
  let parent: ChildProcess | undefined;

  const startParent = async (): Promise<Server[]> => {
    parent = spawn(process.execPath, [join(compiled, 'parent.js'), stateDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    if (!parent.stdout) throw new Error('no stdout');
    for await (const line of createInterface({ input: parent.stdout })) return JSON.parse(line) as Server[];
    throw new Error('the parent told nothing');
  };

  beforeAll(async () => {
    compiled = mkdtempSync(join(tmpdir(), 'signalbox-parent-'));
    symlinkSync(PACKAGES, join(compiled, 'node_modules'));
    writeFileSync(join(compiled, 'package.json'), '{ "type": "module" }');
    for (const name of readdirSync(SOURCES).filter((file) => /^[^.]+\.ts$/.test(file))) {
      const { code } = await swc.transformFile(join(SOURCES, name), {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'es6' },
        swcrc: false,
      });
      writeFileSync(join(compiled, name.replace(/ts$/, 'js')), code);
    }
    writeFileSync(join(compiled, 'parent.js'), PARENT);
  });
  afterAll(() => rmSync(compiled, { recursive: true }));
  beforeEach(() => {
    stateDir = mkdtempSync(join(tmpdir(), 'signalbox-orphan-'));
    chmodSync(stateDir, 0o711);
  });
  afterEach(async () => {
    if (parent && parent.exitCode === null && parent.signalCode === null) {
      parent.kill('SIGTERM');
      await once(parent, 'exit');
    }
    rmSync(stateDir, { recursive: true });
  });

  it('are gone soon after it was killed, and their watchdogs with them', async () => {
    const servers = await startParent();
    const watchdogs = await Promise.all(servers.map(({ pid }) => parentOf(pid)));
    expect(servers.every(({ pid }) => isAlive(pid))).toBe(true);

    parent?.kill('SIGKILL');
    for (const { pid, port } of servers) {
      expect(await hasGone(pid, DEADLINE_MS)).toBe(true);
      expect(await pollUntil(() => isPortFree(port), deadlinePassed(DEADLINE_MS))).toBe(true);
    }
    for (const watchdog of watchdogs) expect(await hasGone(watchdog ?? 0, DEADLINE_MS)).toBe(true);
  }, 300_000);

  it('make room for the next process at once', async () => {
    await startParent();
    parent?.kill('SIGKILL');
    const next = await startParent();
    expect(next.every(({ pid }) => isAlive(pid))).toBe(true);
  }, 300_000);

  // how to find the shells is only known where there is /proc
  (existsSync('/proc/self') ? it : it.skip)(
    'are stopped by hand when even their watchdogs were killed',
    async () => {
      const servers = await startParent();
      const shells = await Promise.all(servers.map(({ pid }) => shellsOf(pid)));
      parent?.kill('SIGSTOP'); // it shall not restart anything
      for (const pid of shells.flat()) process.kill(pid, 'SIGKILL');
      parent?.kill('SIGKILL');
      expect(servers.every(({ pid }) => isAlive(pid))).toBe(true);

      const next = await startParent();
      expect(servers.some(({ pid }) => isAlive(pid))).toBe(false);
      expect(next.every(({ pid }) => isAlive(pid))).toBe(true);
    },
    60_000,
  );
});

/** The watchdog of a server and its guard, the other child of the watchdog. */
async function shellsOf(server: number): Promise<number[]> {
  const watchdog = await parentOf(server);
  const all = readdirSync('/proc').map(Number).filter(Boolean);
  const parents = await Promise.all(all.map((pid) => parentOf(pid)));
  const children = all.filter((_, index) => parents[index] === watchdog);
  return [watchdog ?? 0, ...children.filter((pid) => pid !== server)];
}
