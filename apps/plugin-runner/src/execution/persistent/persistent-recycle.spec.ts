import { appendFile, chmod, copyFile, rename } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { PluginSpec } from '@signalbox/contracts';
import { puppetOf, Stage, untilGone } from './puppet.fixture.js';

let stage: Stage;
beforeEach(async () => {
  stage = await Stage.open();
});
afterEach(() => stage.close());

const childProcesses = (): number =>
  process.getActiveResourcesInfo().filter((kind) => kind === 'ProcessWrap').length;

test('after N runs', async () => {
  const spec = { recycle: { runs: 3 }, concurrency: 1 };
  const reads: number[] = [];
  for (let run = 0; run < 7; run += 1) reads.push(puppetOf(await stage.execute(`answer ${run}`, spec)).reads);
  expect(reads).toEqual([1, 2, 3, 1, 2, 3, 1]);
  expect(await stage.ended(2)).toEqual(['runs', 'runs']);
});

test('at its age', async () => {
  const spec = { recycle: { after: '1ms' } };
  const pids = [await stage.pid(spec), await stage.pid(spec)];
  expect(new Set(pids).size).toBe(2);
  expect((await stage.ended(1))[0]).toBe('age');
});

test('a rule that cannot be read is refused', async () => {
  const { error } = await stage.execute('answer a', { recycle: { after: 'soon' } });
  expect(error?.message).toContain('spec.recycle.after "soon"');
});

test('40 at once while every run wears its process out: never more processes than allowed and a successor', async () => {
  const spec = { recycle: { runs: 1 }, concurrency: 2 };
  const alive: number[] = [];
  const onStart = (): Promise<void> => Promise.resolve(void alive.push(childProcesses()));
  const runs = Array.from({ length: 40 }, (_, at) => stage.execute(`answer r${at}`, spec, { onStart }));
  const all = await Promise.all(runs);
  const answers = all.map(puppetOf);
  expect(answers.map(({ name }) => name)).toEqual(answers.map((_, at) => `r${at}`));
  expect(new Set(answers.map(({ pid }) => pid)).size).toBe(40);
  expect(Math.max(...alive)).toBeLessThanOrEqual(3);
}, 300_000);

describe('at once', () => {
  test('when the file changes', async () => {
    const before = await stage.execute('answer a');
    await appendFile(stage.puppet, '// changed\n');
    const after = await stage.execute('answer b');
    expect(puppetOf(after).reads).toBe(1);
    expect(after.execution.pluginDigest).not.toBe(before.execution.pluginDigest);
    await untilGone(puppetOf(before).pid);
    expect(await stage.ended(1)).toEqual(['changed']);
  });

  test('all of them, not only the one that would be used next', async () => {
    const runs = await Promise.all([1, 2, 3].map(() => stage.execute('answer a')));
    // a file that is open to be written cannot be started, and one process may still be on its way
    const changed = `${stage.puppet}.changed`;
    await copyFile(stage.puppet, changed);
    await appendFile(changed, '// changed\n');
    await rename(changed, stage.puppet);
    await stage.execute('answer b');
    await Promise.all(runs.map((run) => untilGone(puppetOf(run).pid)));
    expect(new Set(await stage.ended(3))).toEqual(new Set(['changed']));
  });

  test('when the spec changes', async () => {
    const before = await stage.pid({ env: { ZONE: 'a' } });
    expect(await stage.pid({ env: { ZONE: 'b' } })).not.toBe(before);
    await untilGone(before);
  });

  test('when the file is not trusted any more', async () => {
    const pid = await stage.pid();
    await chmod(stage.puppet, 0o757);
    const { error, execution } = await stage.execute('answer b');
    expect(error?.code).toBe('plugin-untrusted');
    expect(execution).toEqual({ startedAt: '2026-05-30T12:00:00.000Z', durationMs: 0 });
    await untilGone(pid);
    expect(await stage.ended(1)).toEqual(['changed']);
  });

  test('when the plugin is declared otherwise or not at all', async () => {
    const spec: PluginSpec = { executable: stage.puppet, mode: 'persistent', capabilities: [] };
    const kept = (await stage.execute('fatal x', spec)).error;
    expect(kept?.code).toBe('plugin-exit');
    stage.pools.keep(new Map([['puppet', { ...spec }]]));
    expect(stage.ends).toEqual([]);
    stage.pools.keep(new Map([['puppet', { ...spec, timeout: '5s' }]]));
    expect(await stage.ended(1)).toEqual(['changed']);
    await stage.execute('fatal x', spec);
    stage.pools.keep(new Map());
    expect(await stage.ended(2)).toEqual(['changed', 'changed']);
  });
});

describe('a process that idles', () => {
  test('is ended', async () => {
    const quick = await Stage.open(40);
    try {
      const pids = (await Promise.all([1, 2].map(() => quick.execute('answer a')))).map(puppetOf);
      for (const { pid } of pids) await untilGone(pid);
      expect(await quick.pid()).toBeGreaterThan(0);
      expect((await quick.ended(2)).slice(0, 2)).toEqual(['idle', 'idle']);
    } finally {
      await quick.close();
    }
  });

  test('is used again before another one is started', async () => {
    await Promise.all([1, 2, 3].map(() => stage.execute('answer a')));
    const pids = [await stage.pid(), await stage.pid(), await stage.pid()];
    expect(new Set(pids).size).toBe(1);
  });
});
