import { chmod, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PluginSpec, Resource } from '@signalbox/contracts';
import { buildPluginRequest } from '../../domain/plugin-request.js';
import { executePlugin } from '../execute-plugin.js';
import type { ExecutedPlugin, PluginExecution } from '../executed-plugin.js';
import type { EndReason } from './end-reason.js';
import { PluginPools } from './plugin-pools.js';

const SEARCH_PATH = process.env['PATH'] ?? '';

/**
 * A persistent plugin that does what the tag of a request says: `<act> <argument>`. Its result holds one resource that
 * is named by the argument and tells the process and how many requests that has read.
 */
const PUPPET = `#!/usr/bin/env node
const { writeFileSync } = require('node:fs');
const { createInterface } = require('node:readline');
let reads = 0;
let tag = '';
let held = [];
let isReleased = false;
const say = (value) => process.stdout.write(typeof value === 'string' ? value : JSON.stringify(value) + '\\n');
const result = (status) => ({ apiVersion: 'plugin.routerd.net/v1alpha1', kind: 'PluginResult', meta: { tag }, status });
const answer = (name, more) => {
  const spec = { pid: process.pid, reads, ...more };
  say(result({ ttl: '30m', resources: [{ apiVersion: 'a/v1', kind: 'Puppet', metadata: { name }, spec }] }));
};
const acts = {
  answer,
  exit: (code) => { process.stderr.write('no quota\\n'); process.exit(Number(code)); },
  signal: (name) => process.kill(process.pid, name),
  hang: () => undefined,
  hold: (name) => { if (isReleased) answer(name); else held.push([tag, name]); },
  release: (name) => {
    answer(name);
    for (const [of, late] of held.reverse()) { tag = of; answer(late); }
    held = [];
    // two requests of the same moment may come in either order
    isReleased = true;
  },
  slow: (name) => { const of = tag; setTimeout(() => { tag = of; answer(name); }, 200); },
  block: (ms) => { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(ms)); answer('blocked'); },
  garbage: (text) => say(text + '\\n'),
  fatal: (message) => say(result({ results: [{ severity: 'fatal', message }] })),
  twice: (name) => { answer(name); answer('again'); },
  untagged: (name) => { tag = 'another'; answer(name); },
  later: (name) => { answer(name); setTimeout(answer, 20, 'late'); },
  between: (text) => { process.stdout.write(' '); process.stderr.write(text + '\\n'); answer('said'); },
  stderr: (text) => { process.stderr.write(text + '\\n'); answer('said'); },
  afterwards: (text) => {
    answer('said', { cwd: process.cwd() });
    setTimeout(() => { process.stderr.write(text + '\\n'); writeFileSync('afterwards', ''); }, 20);
  },
  long: (bytes) => answer('long', { text: 'x'.repeat(Number(bytes)) }),
  endless: () => setInterval(() => process.stdout.write('x'.repeat(1 << 20)), 1),
  chatter: (bytes) => process.stderr.write('x'.repeat(Number(bytes))),
  place: () => answer('place', { cwd: process.cwd(), env: Object.keys(process.env).sort() }),
};
createInterface({ input: process.stdin }).on('line', (line) => {
  reads += 1;
  tag = JSON.parse(line).meta.tag;
  const [, act, argument] = /^(\\w+) ?([^]*)$/.exec(tag);
  acts[act](argument);
});
`;

const NOW = Date.parse('2026-05-30T12:00:00.000Z');

/** A plugin directory of its own with a puppet, and the pools of a service. */
export class Stage {
  readonly ends: EndReason[] = [];
  readonly abort = new AbortController();
  readonly pools: PluginPools;

  private constructor(
    readonly directory: string,
    readonly puppet: string,
    idleMs: number | undefined,
  ) {
    const onEnded = (_: string, reason: EndReason): void => void this.ends.push(reason);
    this.pools = new PluginPools({ onEnded, ...(idleMs !== undefined && { idleMs }) });
  }

  static async open(idleMs?: number): Promise<Stage> {
    const directory = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-test-')));
    const stage = new Stage(directory, join(directory, 'puppet'), idleMs);
    await stage.install('puppet', PUPPET);
    return stage;
  }

  async close(): Promise<void> {
    await this.pools.stop();
    await rm(this.directory, { recursive: true });
  }

  async install(name: string, ...lines: string[]): Promise<string> {
    const path = join(this.directory, name);
    await writeFile(path, `${lines.join('\n')}\n`);
    await chmod(path, 0o755);
    return path;
  }

  /** One run whose tag is `tag`. */
  execute(
    tag: string,
    spec: Partial<PluginSpec> = {},
    more: Partial<PluginExecution> = {},
  ): Promise<ExecutedPlugin> {
    return executePlugin({
      name: 'puppet',
      spec: {
        executable: this.puppet,
        mode: 'persistent',
        capabilities: ['propose.dynamicConfig'],
        ...spec,
      },
      pluginDirs: [this.directory],
      secretDirs: [this.directory],
      searchPath: SEARCH_PATH,
      request: buildPluginRequest({
        plugin: 'puppet',
        facts: [],
        contextResources: [],
        startupConfigHash: '',
        effectiveGeneration: 0,
        previousDynamicGeneration: 0,
        nowMs: NOW,
        tag,
        capabilities: [],
      }),
      nowMs: NOW,
      validate: (input) => input as Resource,
      signal: this.abort.signal,
      pools: this.pools,
      ...more,
    });
  }

  /** Waits until so many processes have ended and says why. */
  async ended(count: number): Promise<readonly EndReason[]> {
    await until(() => this.ends.length >= count);
    return this.ends;
  }

  /** The process that answers a run. */
  async pid(spec: Partial<PluginSpec> = {}): Promise<number> {
    return puppetOf(await this.execute('answer pid', spec)).pid;
  }
}

/** What a puppet says in its resource. */
export interface PuppetAnswer {
  readonly name: string;
  readonly pid: number;
  readonly reads: number;
  readonly text?: string;
  readonly cwd?: string;
  readonly env?: readonly string[];
}

export function puppetOf({ result, error }: ExecutedPlugin): PuppetAnswer {
  const [resource] = result?.resources ?? [];
  if (!resource) throw error ?? new Error('a result without a resource');
  return { name: resource.metadata.name, ...resource.spec } as unknown as PuppetAnswer;
}

/** Waits until a process is gone; one that ended and waits to be collected is. */
export async function untilGone(pid: number): Promise<void> {
  await until(async () => !(await isRunning(pid)));
}

/** Waits for a condition; the deadline is that of the test. */
export async function until(isMet: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isMet())) await new Promise((resolve) => setImmediate(resolve));
}

async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
    return !/\) Z /.test(await readFile(`/proc/${pid}/stat`, 'utf8'));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? process.platform !== 'linux' : false;
  }
}
