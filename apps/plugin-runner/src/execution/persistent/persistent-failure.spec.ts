import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ErrorCode } from '@signalbox/contracts';
import type { EndReason } from './end-reason.js';
import { puppetOf, Stage, until, untilGone } from './puppet.fixture.js';

let stage: Stage;
beforeEach(async () => {
  stage = await Stage.open();
});
afterEach(() => stage.close());

describe('a failed run costs the process, not the plugin', () => {
  const cases: [what: string, tag: string, code: ErrorCode, says: string, reason: EndReason][] = [
    ['exit in the middle', 'exit 3', 'plugin-exit', 'exited with 3: no quota', 'exit'],
    ['exit 0 without an answer', 'exit 0', 'plugin-exit', 'exited with 0 before it had answered', 'exit'],
    ['a signal', 'signal SIGSEGV', 'plugin-exit', 'was ended by SIGSEGV', 'exit'],
    ['a hang', 'hang', 'plugin-timeout', 'timed out after 1500ms', 'timeout'],
    ['garbage', 'garbage {"a":', 'plugin-output-invalid', 'is not valid', 'result-invalid'],
    ['an empty line', 'garbage', 'plugin-output-invalid', 'wrote nothing', 'result-invalid'],
    ['no end of line', 'endless', 'plugin-output-limit', '4194304 bytes to stdout', 'output-limit'],
    ['too much stderr', 'chatter 70000', 'plugin-output-limit', '65536 bytes to stderr', 'output-limit'],
  ];
  test.each(cases)('%s', async (_, tag, code, says, reason) => {
    const spec = { timeout: '1500ms', concurrency: 1 };
    const before = await stage.pid(spec);
    const { error, result } = await stage.execute(tag, spec);
    expect(result).toBeUndefined();
    expect(error?.code).toBe(code);
    expect(error?.message).toContain(says);
    expect(puppetOf(await stage.execute('answer b', spec))).toMatchObject({ name: 'b', reads: 1 });
    await untilGone(before);
    expect(await stage.ended(1)).toEqual([reason]);
  });
});

test('how the process ended within the run is recorded', async () => {
  expect((await stage.execute('exit 3')).execution).toMatchObject({ exitCode: 3, stderr: 'no quota\n' });
  expect((await stage.execute('exit 0')).execution.exitCode).toBe(0);
  expect((await stage.execute('signal SIGKILL')).execution).toMatchObject({ signal: 'SIGKILL' });
});

test('a fatal result is an orderly answer: the process stays', async () => {
  const pid = await stage.pid();
  const { error } = await stage.execute('fatal the NIC is full');
  expect(error).toMatchObject({ code: 'plugin-exit', message: 'plugin puppet: the NIC is full' });
  expect(await stage.pid()).toBe(pid);
});

test('a result it may not give does not cost the process either', async () => {
  const spec = { capabilities: ['observe.cloud'] as const };
  const { error } = await stage.execute('answer a', spec);
  expect(error?.code).toBe('capability-missing');
  await stage.execute('answer b', spec);
  expect(stage.ends).toEqual([]);
});

describe('output between requests', () => {
  test('right behind the answer: the answer counts, the rest is never taken for the next one', async () => {
    const { pid, name } = puppetOf(await stage.execute('twice a'));
    expect(name).toBe('a');
    const { result, error } = await stage.execute('answer b');
    // the rest arrives before the next request is written (another process answers it) or after (it is refused)
    expect(result?.resources[0]?.metadata.name ?? error?.code).toMatch(/^(b|plugin-output-invalid)$/);
    await untilGone(pid);
    expect(puppetOf(await stage.execute('answer c'))).toMatchObject({ name: 'c' });
  });

  test('an answer that names another request is refused, and the process is replaced', async () => {
    const { error } = await stage.execute('untagged a');
    expect(error).toMatchObject({ code: 'plugin-output-invalid' });
    expect(error?.message).toContain('/meta/tag');
    expect(puppetOf(await stage.execute('answer b'))).toMatchObject({ name: 'b', reads: 1 });
  });

  test('while idle', async () => {
    const { pid } = puppetOf(await stage.execute('later a'));
    await untilGone(pid);
    expect(puppetOf(await stage.execute('answer b'))).toMatchObject({ name: 'b', reads: 1 });
    expect(await stage.ended(1)).toEqual(['stray-output']);
  });
});

test('a process that is killed while idle is replaced', async () => {
  const pid = await stage.pid();
  process.kill(pid, 'SIGKILL');
  await untilGone(pid);
  expect(await stage.ended(1)).toEqual(['exit']);
  expect(await stage.pid()).not.toBe(pid);
});

test('what a process started and left behind is ended with it', async () => {
  const path = await stage.install('parent', '#!/bin/sh', 'read -r _', 'sleep 60 &', 'echo $! >&2', 'exit 4');
  const { execution } = await stage.execute('x', { executable: path });
  expect(execution.exitCode).toBe(4);
  await untilGone(Number(execution.stderr));
});

test('for want of its interpreter it is not started', async () => {
  const path = await stage.install('broken', '#!/nowhere/interpreter');
  expect((await stage.execute('x', { executable: path })).error?.code).toBe('plugin-start-failed');
  expect((await stage.execute('x', { env: { A: 'x\0y' } })).error?.code).toBe('plugin-start-failed');
  expect(await stage.pid()).toBeGreaterThan(0);
});

describe('shutdown', () => {
  test('ends runs in work and idle processes, and starts nothing any more', async () => {
    const idle = await Promise.all([stage.pid(), stage.pid()]);
    const begun: string[] = [];
    const noteStart = (digest = 'none'): Promise<void> => Promise.resolve(void begun.push(digest));
    const hanging = Array.from({ length: 6 }, () => stage.execute('hang', {}, { onStart: noteStart }));
    await until(() => begun.length === 6);
    await stage.pools.stop();
    for (const { error } of await Promise.all(hanging)) expect(error?.code).toBe('run-lost');
    await Promise.all(idle.map(untilGone));
    const { error } = await stage.execute('answer late', {}, { onStart: noteStart });
    expect(error?.code).toBe('run-lost');
    expect(begun).toHaveLength(6);
  });

  test('by the signal of a run: those in work and those that wait', async () => {
    const pid = await stage.pid({ concurrency: 1 });
    const begun: string[] = [];
    const onStart = (digest = 'none'): Promise<void> => Promise.resolve(void begun.push(digest));
    const runs = [1, 2].map(() => stage.execute('hang', { concurrency: 1 }, { onStart }));
    await until(() => begun.length === 2);
    stage.abort.abort();
    for (const { error } of await Promise.all(runs)) expect(error?.code).toBe('run-lost');
    await untilGone(pid);
  });

  test('a process that ignores SIGTERM is killed', async () => {
    const ready = join(stage.directory, 'ready');
    const lines = ['#!/bin/sh', "trap '' TERM", `echo $$ >&2; touch ${ready}`, 'while :; do sleep 60; done'];
    const path = await stage.install('deaf', ...lines);
    const run = stage.execute('x', { executable: path });
    await until(() => existsSync(ready));
    await stage.pools.stop();
    const { execution } = await run;
    expect(execution.signal).toBe('SIGKILL');
    await untilGone(Number(execution.stderr));
  }, 300_000);
});
