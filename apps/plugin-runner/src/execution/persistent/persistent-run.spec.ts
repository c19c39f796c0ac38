import { getEventListeners } from 'node:events';
import { existsSync } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sha256Hex } from '@signalbox/contracts';
import { puppetOf, Stage, until, untilGone } from './puppet.fixture.js';

let stage: Stage;
beforeEach(async () => {
  stage = await Stage.open();
});
afterEach(() => stage.close());

function blockFor(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

test('one process answers one run after another', async () => {
  const first = puppetOf(await stage.execute('answer a'));
  const second = puppetOf(await stage.execute('answer b'));
  expect(first).toMatchObject({ name: 'a', reads: 1 });
  expect(second).toEqual({ name: 'b', reads: 2, pid: first.pid });
});

test('a run leaves the record of a one-shot run behind, but no exit code: the process lives on', async () => {
  const { execution } = await stage.execute('fatal no');
  const status = { results: [{ severity: 'fatal', message: 'no' }] };
  const meta = { tag: 'fatal no' };
  const line = { apiVersion: 'plugin.routerd.net/v1alpha1', kind: 'PluginResult', meta, status };
  expect(execution).toEqual({
    startedAt: '2026-05-30T12:00:00.000Z',
    durationMs: expect.any(Number),
    pluginDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
    stdoutDigest: sha256Hex(`${JSON.stringify(line)}\n`),
  });
});

test('200 at once over a pool of four: each gets its own answer, nothing is left behind', async () => {
  const all = await Promise.all(Array.from({ length: 200 }, (_, at) => stage.execute(`answer r${at}`)));
  const answers = all.map(puppetOf);
  expect(answers.map(({ name }) => name)).toEqual(answers.map((_, at) => `r${at}`));
  const pids = new Set(answers.map(({ pid }) => pid));
  expect(pids.size).toBeLessThanOrEqual(4);
  expect(getEventListeners(stage.abort.signal, 'abort')).toEqual([]);
  await stage.pools.stop();
  await Promise.all([...pids].map(untilGone));
  expect(stage.ends).toEqual([...pids].map(() => 'shutdown'));
}, 300_000);

test('with a concurrency of one, one process has them all, and each gets its own answer', async () => {
  const runs = Array.from({ length: 5 }, (_, at) => stage.execute(`answer r${at}`, { concurrency: 1 }));
  const answers = (await Promise.all(runs)).map(puppetOf);
  expect(answers.map(({ name }) => name)).toEqual(['r0', 'r1', 'r2', 'r3', 'r4']);
  expect(answers.map(({ reads }) => reads).sort()).toEqual([1, 2, 3, 4, 5]);
  expect(new Set(answers.map(({ pid }) => pid)).size).toBe(1);
});

test('a result of 3 MiB in one line', async () => {
  const { text } = puppetOf(await stage.execute(`long ${3 * 1024 * 1024}`));
  expect(text).toHaveLength(3 * 1024 * 1024);
});

test('line separators of Unicode in a request do not break its line, also not for readline', async () => {
  const tag = 'a\u2028b\u2029c\u0085d\r\ne\u000bf';
  expect(puppetOf(await stage.execute(`answer ${tag}`)).name).toBe(tag);
});

test('a plugin that starts slowly', async () => {
  const slow = await stage.install(
    'slow',
    '#!/bin/sh',
    'sleep 0.3',
    'while read -r _; do',
    `echo '{"apiVersion":"plugin.routerd.net/v1alpha1","kind":"PluginResult","meta":{"tag":"x"},"status":{"ttl":"1s"}}'`,
    'done',
  );
  const runs = [1, 2, 3].map(() => stage.execute('x', { executable: slow, concurrency: 2 }));
  for (const { error } of await Promise.all(runs)) expect(error).toBeUndefined();
});

describe('stderr', () => {
  test('belongs to the run in which it was written', async () => {
    for (const word of ['one', 'two', 'three']) {
      const { execution } = await stage.execute(`stderr ${word}`);
      expect(execution.stderr).toBe(`${word}\n`);
    }
    expect((await stage.execute('answer quietly')).execution.stderr).toBeUndefined();
  });

  test('before the answer belongs to its run, also when both are read at once', async () => {
    await stage.pid();
    // The line is written when onStart has resolved; then we are busy while the plugin writes both.
    const onStart = (): Promise<void> => Promise.resolve(void setImmediate(blockFor, 150));
    const { execution } = await stage.execute('between words', {}, { onStart });
    expect(execution.stderr).toBe('words\n');
  });

  test('between two runs is read and dropped', async () => {
    const first = puppetOf(await stage.execute(`afterwards ${'lost'.repeat(100)}`));
    await until(() => existsSync(join(first.cwd ?? '', 'afterwards')));
    await new Promise((resolve) => setImmediate(resolve));
    const next = await stage.execute('answer next');
    expect(next.execution.stderr).toBeUndefined();
    expect(puppetOf(next).pid).toBe(first.pid);
  });

  test('only its end is kept', async () => {
    const { execution } = await stage.execute(`stderr ${'x'.repeat(20_000)}end`);
    expect(execution.stderr).toHaveLength(8 * 1024);
    expect(execution.stderr?.endsWith('end\n')).toBe(true);
  });
});

describe('the start', () => {
  test('is recorded before the plugin reads anything', async () => {
    const trace = join(stage.directory, 'started');
    const watcher = await stage.install(
      'watcher',
      '#!/bin/sh',
      'while read -r _; do',
      `test -e ${trace} || exit 7; rm ${trace}`,
      `echo '{"apiVersion":"plugin.routerd.net/v1alpha1","kind":"PluginResult","meta":{"tag":"answer"},"status":{"ttl":"1s"}}'`,
      'done',
    );
    const onStart = async (digest = 'none'): Promise<void> => {
      await new Promise((resolve) => setImmediate(resolve));
      await writeFile(trace, digest);
    };
    for (const _run of [1, 2, 3]) {
      const { error } = await stage.execute('answer', { executable: watcher }, { onStart });
      expect(error).toBeUndefined();
    }
  });

  test('that cannot be recorded does not happen, and costs no process', async () => {
    const pid = await stage.pid();
    const onStart = (): Promise<void> => Promise.reject(new Error('NATS is away'));
    await expect(stage.execute('answer never', {}, { onStart })).rejects.toThrow('NATS is away');
    expect(puppetOf(await stage.execute('answer b'))).toMatchObject({ pid, reads: 2 });
  });
});

describe('isolation', () => {
  test('its environment is PATH, spec.env and the mode; its directory lives as long as it does', async () => {
    const spec = { env: { ZONE: 'a', SIGNALBOX_PLUGIN_MODE: 'other' } };
    const { env, cwd, pid } = puppetOf(await stage.execute('place', spec));
    expect(env).toEqual(['PATH', 'SIGNALBOX_PLUGIN_MODE', 'SIGNALBOX_RUN', 'ZONE']);
    expect(puppetOf(await stage.execute('place', spec))).toMatchObject({ cwd, pid });
    await stage.pools.stop();
    await expect(stat(cwd ?? '')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('limits are in force, that of processor time is not', async () => {
    const lines = ['#!/bin/sh', 'for limit in d n c t; do ulimit -H -$limit; done >&2', 'exit 1'];
    const path = await stage.install('limits', ...lines);
    const { execution } = await stage.execute('x', { executable: path });
    expect(execution.stderr).toBe('524288\n256\n0\nunlimited\n');
  });
});

test('without pools the process ends with the run', async () => {
  const executed = await stage.execute('answer a', {}, { pools: undefined });
  await untilGone(puppetOf(executed).pid);
  expect(stage.ends).toEqual([]);
});
