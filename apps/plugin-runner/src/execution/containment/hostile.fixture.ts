import { readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PluginMode, PluginSecret, PluginSpec, Resource } from '@signalbox/contracts';
import { buildPluginRequest } from '../../domain/plugin-request.js';
import { executePlugin } from '../execute-plugin.js';
import type { ExecutedPlugin } from '../executed-plugin.js';
import { PluginPools } from '../persistent/plugin-pools.js';
import { processIds } from '../process-group.js';
import type { Containment } from './containment.js';

const NOW = Date.parse('2026-05-30T12:00:00.000Z');

/**
 * A plugin, one-shot or persistent, that does what `env.ACT` says before it answers, and reports what came of it in the
 * spec of its only resource. `PEER` and `KEY` in its environment are what it tries to reach.
 */
const HOSTILE = `#!/usr/bin/env node
'use strict';
const { spawn, spawnSync } = require('node:child_process');
const { closeSync, constants, openSync, readdirSync, readFileSync, readlinkSync, readSync, writeFileSync, writeSync } = require('node:fs');
const { connect } = require('node:net');
const { ACT, KEY, PORT, OUTSIDE, MARK } = process.env;
const attempt = (work) => { try { return work() ?? 'done'; } catch (error) { return error.code ?? 'failed'; } };
const start = (program, detached, env) => {
  const child = spawn(program, [MARK], { detached, stdio: 'ignore', ...(env && { env }) }).on('error', () => undefined);
  child.unref();
  return child.pid !== undefined;
};
const flood = (fd) => {
  for (;;) try { writeSync(fd, 'x'.repeat(1 << 16)); } catch (error) { if (error.code !== 'EAGAIN') throw error; }
};
const VARIABLE = 'SIGNALBOX_SECRET_SEED_FD';
/** Up to 4 KiB of what can be had by a path, without waiting for it. */
const glance = (path) => attempt(() => {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const buffer = Buffer.alloc(4096);
    return buffer.toString('latin1', 0, readSync(fd, buffer));
  } finally {
    closeSync(fd);
  }
});
const list = (path) => { try { return readdirSync(path); } catch { return []; } };
/** Pipes and devices are not looked at: what is read from one is missing where it belongs, for example in the service. */
const descriptors = (pid) => list('/proc/' + pid + '/fd').filter((fd) => {
  const target = String(attempt(() => readlinkSync('/proc/' + pid + '/fd/' + fd)));
  return target.startsWith('socket:') || (target.startsWith('/') && !/^\\/(dev|proc|sys)\\/(?!shm\\/)/.test(target));
});
const others = () => list('/proc').filter((name) => /^\\d+$/.test(name) && name !== String(process.pid));
let secret;
const acts = {
  good: () => 'done',
  spin: () => { for (;;); },
  fork: () => {
    let started = 0;
    for (let n = 0; n < 400; n += 1) if (attempt(() => start('sleep', false)) === true) started += 1;
    return started;
  },
  setsid: () => start('sleep', true),
  'setsid-clean': () => start('/bin/sleep', true, {}),
  stdout: () => flood(1),
  stderr: () => flood(2),
  memory: () => { const held = []; for (;;) held.push(Buffer.alloc(64 << 20, 1)); },
  garbage: () => { process.stdout.write('{"kind":\\n'); return undefined; },
  nothing: () => process.exit(0),
  write: () => attempt(() => writeFileSync(OUTSIDE, 'was here')),
  scratch: () => attempt(() => { writeFileSync('mine', 'x'); return readFileSync('mine', 'utf8'); }),
  'fill-scratch': () => attempt(() => { for (let n = 0; n < 80; n += 1) writeFileSync('f' + n, Buffer.alloc(1 << 20)); }),
  network: () => new Promise((resolve) => {
    const socket = connect(Number(PORT), '127.0.0.1');
    socket.once('connect', () => { socket.destroy(); resolve('connected'); });
    socket.once('error', (error) => resolve(error.code));
  }),
  environment: () => Object.keys(process.env).sort().join(),
  'service-environment': () => attempt(() => readFileSync('/proc/' + process.env.SERVICE + '/environ', 'latin1').slice(0, 4)),
  key: () => attempt(() => readFileSync(KEY, 'utf8')),
  secret: () => (secret ??= readFileSync(Number(process.env[VARIABLE]), 'latin1')).length,
  'reads-again': () => { acts.secret(); return attempt(() => readFileSync('/proc/self/fd/' + process.env[VARIABLE])); },
  'writes-back': () => attempt(() => writeFileSync('/proc/self/fd/' + process.env[VARIABLE], 'x')),
  'child-environment': () => spawnSync('/usr/bin/env').stdout.toString().split('\\n').filter((line) => line.includes('SECRET') || line.includes('the-seed')),
  'own-descriptors': () => list('/proc/self/fd').filter((fd) => fd > 2 && String(attempt(() => readlinkSync('/proc/self/fd/' + fd))).startsWith('socket:')),
  neighbours: () => ({
    seen: others().filter((pid) => glance('/proc/' + pid + '/environ').includes(VARIABLE)).length,
    read: others().flatMap((pid) => ['environ', 'cmdline', ...descriptors(pid).map((fd) => 'fd/' + fd)]
      .filter((path) => glance('/proc/' + pid + '/' + path).includes('the-seed'))),
  }),
  user: () => process.getuid() + ':' + process.getgid() + ':' + process.getgroups().join(),
  processes: () => readdirSync('/proc').filter((name) => /^\\d+$/.test(name)).length,
};
const answer = (tag, came) => process.stdout.write(JSON.stringify({
  apiVersion: 'plugin.routerd.net/v1alpha1',
  kind: 'PluginResult',
  meta: { tag },
  status: { ttl: '30m', resources: [{ apiVersion: 'a/v1', kind: 'Report', metadata: { name: 'r' }, spec: { came } }] },
}) + '\\n');
if (ACT === 'close-stdin') {
  closeSync(0);
  setInterval(() => undefined, 1000);
} else require('node:readline').createInterface({ input: process.stdin }).on('line', async (line) => {
  const came = await acts[ACT]();
  if (came !== undefined) answer(JSON.parse(line).meta.tag, came);
});
`;

export const MODES: readonly PluginMode[] = ['oneshot', 'persistent'];

/** A site for hostile plugins: a key that only its owner may read, a port that answers, a directory to write to. */
export class HostileStage {
  /** How processes that a plugin leaves are recognised: the seconds that they sleep. */
  readonly mark = String(100_000 + Math.floor(Math.random() * 900_000));
  private pools = new PluginPools();
  private runs = 0;

  private constructor(
    readonly root: string,
    private readonly server: Server,
  ) {}

  static async open(mode = 0o755): Promise<HostileStage> {
    const root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-hostile-')));
    await chmod(root, mode);
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const stage = new HostileStage(root, server);
    await mkdir(join(root, 'plugins'), { mode: 0o755 });
    await writeFile(stage.executable, HOSTILE);
    await chmod(stage.executable, 0o755);
    await mkdir(join(root, 'keys'), { mode: 0o755 });
    await writeFile(stage.key, 'the-seed', { mode: 0o600 });
    await mkdir(join(root, 'open'));
    await chmod(join(root, 'open'), 0o777);
    return stage;
  }

  get executable(): string {
    return join(this.root, 'plugins', 'hostile');
  }

  get key(): string {
    return join(this.root, 'keys', 'nats.seed');
  }

  /** `spec.secrets` of a plugin that is given the key. */
  get secrets(): readonly PluginSecret[] {
    return [{ name: 'seed', file: this.key }];
  }

  /** A file that anybody on the machine can make. */
  get outside(): string {
    return join(this.root, 'open', 'file');
  }

  /** Ends all persistent processes. */
  async endAll(): Promise<void> {
    const { pools } = this;
    this.pools = new PluginPools();
    await pools.stop();
  }

  async close(): Promise<void> {
    await this.pools.stop();
    await new Promise((resolve) => this.server.close(resolve));
    await rm(this.root, { recursive: true });
  }

  /** One run that does `act`. */
  run(
    act: string,
    mode: PluginMode,
    containment: Containment,
    { name = 'hostile', ...more }: Partial<PluginSpec> & { readonly name?: string } = {},
  ): Promise<ExecutedPlugin> {
    const { port } = this.server.address() as { port: number };
    const env = {
      ACT: act,
      KEY: this.key,
      OUTSIDE: this.outside,
      MARK: this.mark,
      PORT: String(port),
      SERVICE: String(process.pid),
    };
    return executePlugin({
      name,
      spec: {
        executable: this.executable,
        mode,
        env,
        timeout: '20s',
        concurrency: 1,
        capabilities: ['propose.dynamicConfig'],
        ...more,
      },
      pluginDirs: [join(this.root, 'plugins')],
      secretDirs: [this.root],
      searchPath: '/usr/local/bin:/usr/bin:/bin',
      containment,
      request: buildPluginRequest({
        plugin: 'hostile',
        facts: [],
        contextResources: [],
        startupConfigHash: '',
        effectiveGeneration: 0,
        previousDynamicGeneration: 0,
        nowMs: NOW,
        tag: `run-${(this.runs += 1)}`,
        capabilities: [],
      }),
      nowMs: NOW,
      validate: (input) => input as Resource,
      pools: this.pools,
    });
  }

  /** Processes that plugins of this stage left and that still run. */
  left(): number[] {
    return processIds().filter((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0');
        return command[0]!.endsWith('sleep') && command[1] === this.mark;
      } catch {
        return false;
      }
    });
  }
}

/** What a hostile plugin says came of its act; throws why there is no answer. */
export function cameOf({ result, error }: ExecutedPlugin): unknown {
  const [resource] = result?.resources ?? [];
  if (!resource) throw error ?? new Error('a result without a resource');
  return resource.spec['came'];
}
