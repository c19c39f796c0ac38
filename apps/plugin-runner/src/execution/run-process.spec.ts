import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { sha256Hex } from '@signalbox/contracts';
import { PROCESS_LIMITS } from './limits.js';
import type { ProcessOutcome } from './process-outcome.js';
import { findPrlimit, limitedCommand } from './resource-limits.js';
import { runProcess, type ProcessRequest } from './run-process.js';

const SEARCH_PATH = process.env['PATH'] ?? '';

let directory: string;
let written = 0;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function program(...lines: string[]): Promise<string> {
  const path = join(directory, `program-${(written += 1)}`);
  await writeFile(path, `${lines.join('\n')}\n`, { mode: 0o755 });
  return path;
}

/** An outcome with its stdout as text, for tests to read. */
type ReadOutcome = Omit<ProcessOutcome, 'stdout'> & { readonly stdout: string };

async function outcomeOf(request: ProcessRequest): Promise<ReadOutcome> {
  const outcome = await runProcess(request);
  return { ...outcome, stdout: outcome.stdout.toString() };
}

async function run(lines: string[], more: Partial<ProcessRequest> = {}): Promise<ReadOutcome> {
  return outcomeOf({
    path: await program(...lines),
    env: {},
    searchPath: SEARCH_PATH,
    timeoutMs: 4_000,
    stdin: '',
    ...more,
  });
}

const sh = (...lines: string[]): string[] => ['#!/bin/sh', ...lines];

/** Whether a process still runs; one that ended and waits to be collected does not. */
async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
    const status = await readFile(`/proc/${pid}/stat`, 'utf8');
    return !/\) Z /.test(status);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? process.platform !== 'linux' : false;
  }
}

async function untilGone(pid: number): Promise<void> {
  while (await isRunning(pid)) await new Promise((resolve) => setImmediate(resolve));
}

describe('a process that behaves', () => {
  test('gets its stdin and gives its stdout, with the digest', async () => {
    const stdin = '{"kind":"PluginRequest"}\n';
    const outcome = await run(sh('cat', 'echo done >&2'), { stdin });
    expect(outcome).toEqual({
      isComplete: true,
      exitCode: 0,
      durationMs: expect.any(Number),
      stdout: stdin,
      stdoutDigest: sha256Hex(stdin),
      stderrTail: 'done\n',
      timedOut: false,
      aborted: false,
    });
    expect(Number.isInteger(outcome.durationMs)).toBe(true);
  });

  test('may exit with any code', async () => {
    expect(await run(sh('exit 42'))).toMatchObject({ exitCode: 42, timedOut: false });
  });

  test('may end by a signal', async () => {
    const outcome = await run(sh('kill -SEGV $$'));
    expect(outcome.signal).toBe('SIGSEGV');
    expect(outcome.exitCode).toBeUndefined();
  });

  test('need not read its stdin', async () => {
    const outcome = await run(sh('exec <&-', 'echo fine'), { stdin: 'x'.repeat(2_000_000) });
    expect(outcome).toMatchObject({ exitCode: 0, stdout: 'fine\n' });
  });

  test('that exits with 127 itself did start', async () => {
    const outcome = await run(sh('echo "node: not found" >&2', 'exit 127'));
    expect(outcome.exitCode).toBe(127);
    expect(outcome.startError).toBeUndefined();
  });

  test('50 at once do not mix', async () => {
    const path = await program(...sh('cat'));
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, at) =>
        outcomeOf({ path, env: {}, searchPath: SEARCH_PATH, timeoutMs: 10_000, stdin: `request ${at}` }),
      ),
    );
    expect(outcomes.map(({ stdout }) => stdout)).toEqual(outcomes.map((_, at) => `request ${at}`));
  }, 300_000);
});

describe('isolation', () => {
  const saved = { ...process.env };
  afterEach(() => {
    process.env = { ...saved };
  });

  test('our environment is not visible, spec.env is', async () => {
    process.env['SIGNALBOX_TEST_SECRET'] = 'hush';
    process.env['NODE_OPTIONS'] = '--max-old-space-size=100';
    const names = new Set(
      (
        await run(['#!/usr/bin/env node', 'console.log(Object.keys(process.env).join())'], {
          env: { ZONE: 'a' },
        })
      ).stdout
        .trim()
        .split(','),
    );
    // A shell may add two by itself; the mark of the run is ours.
    for (const own of ['PWD', '_', 'SIGNALBOX_RUN']) names.delete(own);
    expect([...names].sort()).toEqual(['PATH', 'ZONE']);
  });

  test('it works in an empty directory of its own, which is gone afterwards', async () => {
    const { stdout } = await run(sh('pwd', 'ls -A', 'mkdir -p a/b', 'echo x > a/b/c'));
    const [cwd, ...files] = stdout.trim().split('\n');
    expect(files).toEqual([]);
    expect(cwd).not.toBe(process.cwd());
    await expect(stat(cwd ?? '')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('it leads a process group of its own', async () => {
    const { stdout } = await run(
      sh('echo $$', 'ps -o pgid= -p $$ 2>/dev/null || cut -d" " -f5 /proc/$$/stat'),
    );
    const [pid, group] = stdout.trim().split(/\s+/);
    expect(group).toBe(pid);
  });

  test.each([
    ['prlimit', findPrlimit()],
    ['the shell', undefined],
  ])('limits by %s are in force', async (_, prlimit) => {
    const lines = sh('ulimit -H -d', 'ulimit -H -n', 'ulimit -H -c', 'ulimit -H -t');
    const { stdout, exitCode } = await run(lines, { prlimit, timeoutMs: 1_500 });
    expect(exitCode).toBe(0);
    expect(stdout.trim().split('\n')).toEqual(['524288', '256', '0', '4']);
  });

  test('a path is never read as shell text', async () => {
    const path = join(directory, 'a $(touch owned) "b\' ; c');
    await writeFile(path, '#!/bin/sh\necho as it is\n', { mode: 0o755 });
    const request = {
      path,
      env: {},
      searchPath: SEARCH_PATH,
      timeoutMs: 4_000,
      stdin: '',
      prlimit: undefined,
    };
    expect((await outcomeOf(request)).stdout).toBe('as it is\n');
  });

  test('a Node program starts inside the limits, and cannot use more memory than they allow', async () => {
    const small = await run(['#!/usr/bin/env node', 'Buffer.alloc(50e6, 1); console.log("ok")']);
    expect(small).toMatchObject({ exitCode: 0, stdout: 'ok\n' });
    const large = await run(['#!/usr/bin/env node', 'Buffer.alloc(700e6, 1); console.log("ok")']);
    expect(large.stdout).toBe('');
    expect(large.exitCode).not.toBe(0);
  }, 300_000);
});

describe('deadline', () => {
  test('P2 a program that sleeps is ended', async () => {
    const outcome = await run(sh('sleep 1'), { timeoutMs: 20 });
    expect(outcome).toMatchObject({ timedOut: true, signal: 'SIGTERM' });
  });

  test('P16 a child that holds stdout is ended with its parent', async () => {
    const { stdout, timedOut } = await run(sh('sleep 60 &', 'echo $!', 'wait'), { timeoutMs: 200 });
    expect(timedOut).toBe(true);
    await untilGone(Number(stdout));
  });

  test('P16 a child that outlives its parent and holds stdout is ended at the deadline', async () => {
    const outcome = await run(sh('sleep 60 &', 'echo $!', 'exit 0'), { timeoutMs: 200 });
    expect(outcome).toMatchObject({ timedOut: true, exitCode: 0 });
    if (process.platform === 'linux') expect(outcome.heldBy).toEqual([`${outcome.stdout.trim()} (sleep 60)`]);
    await untilGone(Number(outcome.stdout));
  });

  test('P16 what ignores SIGTERM gets SIGKILL', async () => {
    const lines = sh("trap '' TERM", 'sleep 60 &', 'echo $!', 'wait', 'sleep 60');
    const outcome = await run(lines, { timeoutMs: 200 });
    expect(outcome).toMatchObject({ timedOut: true, signal: 'SIGKILL' });
    await untilGone(Number(outcome.stdout));
  });

  test('P16 a process that left the group and holds stdout is ended with the run', async () => {
    const escape = [
      '#!/usr/bin/env node',
      'const { spawn } = require("node:child_process");',
      'const child = spawn("sleep", ["60"], { detached: true, stdio: "inherit" });',
      'console.log(child.pid);',
      'child.unref();',
    ];
    const outcome = await run(escape, { timeoutMs: 1_500 });
    expect(outcome.timedOut).toBe(true);
    await untilGone(Number(outcome.stdout));
  }, 300_000);

  test('what is left of the group when the program ends well is ended too', async () => {
    const outcome = await run(sh('sleep 60 >/dev/null 2>&1 &', 'echo $!'));
    expect(outcome).toMatchObject({ timedOut: false, exitCode: 0 });
    await untilGone(Number(outcome.stdout));
  });

  test('a timeout longer than a timer can hold does not end the program at once', async () => {
    const outcome = await run(sh('sleep 0.05', 'echo ok'), { timeoutMs: 1e15 });
    expect(outcome).toMatchObject({ exitCode: 0, stdout: 'ok\n', timedOut: false });
  });
});

describe('shutdown', () => {
  test('ends the program', async () => {
    const abort = new AbortController();
    const path = await program(...sh('sleep 60'));
    const running = outcomeOf({
      path,
      env: {},
      searchPath: SEARCH_PATH,
      timeoutMs: 60_000,
      stdin: '',
      signal: abort.signal,
    });
    abort.abort();
    expect(await running).toMatchObject({ aborted: true, timedOut: false });
  });

  test('before the start: nothing is started', async () => {
    const outcome = await run(sh('echo x'), { signal: AbortSignal.abort() });
    expect(outcome).toMatchObject({ aborted: true, stdout: '' });
    expect(outcome.exitCode).toBeUndefined();
  });
});

describe('P11 output limits', () => {
  test('stdout', async () => {
    const outcome = await run(sh('head -c 5000000 /dev/zero', 'sleep 60'));
    expect(outcome).toMatchObject({ limitExceeded: 'stdout', signal: 'SIGKILL', timedOut: false });
    expect(outcome.stdout).toHaveLength(PROCESS_LIMITS.stdoutBytes);
  });

  test('stdout without end', async () => {
    expect(await run(sh('exec cat /dev/zero'))).toMatchObject({ limitExceeded: 'stdout' });
  });

  test('exactly 4 MiB are allowed', async () => {
    const outcome = await run(sh(`head -c ${PROCESS_LIMITS.stdoutBytes} /dev/zero`));
    expect(outcome.exitCode).toBe(0);
    expect(outcome.limitExceeded).toBeUndefined();
  });

  test('stderr', async () => {
    const outcome = await run(sh('head -c 70000 /dev/zero | tr "\\0" x >&2', 'sleep 60'));
    expect(outcome).toMatchObject({ limitExceeded: 'stderr', timedOut: false });
    expect(outcome.stderrTail).toBe('x'.repeat(PROCESS_LIMITS.stderrTailBytes));
  });
});

describe('a program that cannot be started', () => {
  test.each([
    ['prlimit', findPrlimit()],
    ['the shell', undefined],
  ])('for want of its interpreter, by %s', async (_, prlimit) => {
    const outcome = await run(['#!/nowhere/interpreter'], { prlimit });
    expect(outcome.startError).toContain('program-');
  });

  test('because the limiting program is not there', async () => {
    expect((await run(sh('true'), { prlimit: '/nowhere/prlimit' })).startError).toContain('ENOENT');
  });

  test('because of its environment', async () => {
    expect((await run(sh('true'), { env: { A: 'x\0y' } })).startError).toContain('null bytes');
  });
});

test('the shell command is constant', () => {
  const [flag, script] = limitedCommand('/plugins/x', 1_000, undefined).args;
  const [otherFlag, otherScript] = limitedCommand('/plugins/$(y)', 99_000, undefined).args;
  expect([flag, script]).toEqual([otherFlag, otherScript]);
  expect(spawnSync('/bin/sh', ['-n', '-c', script ?? '']).status).toBe(0);
});
