import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '@signalbox/testing';
import { NamespaceProber } from './namespace-prober.js';
import type { ProbeTarget } from './probe.js';
import { HASTY_MS, NEVER, result, target } from './servers.fixture.js';

/** A prober process that does what `params.path` says, and writes down its starts and all it is sent. */
const PUPPET = `
  const { appendFileSync } = require('node:fs');
  const log = (text) => appendFileSync(process.argv[2], text + '\\n');
  const answer = (id, detail) => console.log(JSON.stringify({ id, result: { ok: true, layer: 'L7', code: 'L7OK', detail, durationMs: 1 } }));
  log('start ' + Object.keys(process.env).sort());
  const held = [];
  require('node:readline').createInterface({ input: process.stdin }).on('close', () => log('end')).on('line', (line) => {
    const { id, cancel, target } = JSON.parse(line);
    log(cancel ? 'cancel ' + cancel : target.params.path + ' ' + id);
    ({
      answer: () => answer(id, 'mine'),
      hold: () => held.push(id),
      release: () => { answer(id, 'last'); for (const one of held) answer(one, 'held'); },
      exit: () => process.exit(3),
      say: () => { process.stderr.write('Out of memory\\n'); process.exit(1); },
      kill: () => process.kill(process.pid, 'SIGKILL'),
      garbage: () => console.log('garbage'),
      array: () => console.log('null'),
      stay: () => { process.stdin.removeAllListeners(); setInterval(() => {}, 1e6); },
    })[target?.params.path]?.();
  });`;

let directory: string;
let prober: NamespaceProber;
let nowMs: number;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
  await writeFile(join(directory, 'puppet.cjs'), PUPPET);
  await writeFile(join(directory, 'log'), '');
  nowMs = 0;
  prober = open([process.execPath, join(directory, 'puppet.cjs'), join(directory, 'log')]);
});
afterEach(async () => {
  await prober.close();
  await rm(directory, { recursive: true });
});

function open(command: readonly string[]): NamespaceProber {
  return new NamespaceProber('blue', { command, env: { LANG: 'C' }, nowMs: () => nowMs });
}

const act = (path: string, more: Partial<ProbeTarget> = {}, signal = NEVER) =>
  prober.probe(target('http', 80, { path }, more), signal);

const log = async () => (await readFile(join(directory, 'log'), 'utf8')).trim().split('\n');
const starts = async () => (await log()).filter((line) => line.startsWith('start')).length;

describe('a prober in a namespace', () => {
  it('gives the result of its process, whatever the order', async () => {
    const held = act('hold');
    expect(await act('answer')).toEqual(result('L7OK', 'mine'));
    expect(await act('release')).toEqual(result('L7OK', 'last'));
    expect(await held).toEqual(result('L7OK', 'held'));
    expect(await starts()).toBe(1);
  });

  it('starts no process before it is asked, and lets it see nothing but what it is given', async () => {
    process.env['SIGNALBOX_TEST_SECRET'] = 'x';
    await act('answer');
    delete process.env['SIGNALBOX_TEST_SECRET'];
    const [started] = await log();
    expect(started).toBe('start LANG');
  });

  it('cancels an aborted probe', async () => {
    const abort = new AbortController();
    const held = act('hold', {}, abort.signal);
    await act('answer');
    abort.abort();
    expect((await held).ok).toBe(false);
    expect(await act('release')).toEqual(result('L7OK', 'last'));
    expect(await log()).toEqual([expect.any(String), 'hold 1', 'answer 2', 'cancel 1', 'release 3']);
    expect((await act('answer', {}, AbortSignal.abort())).ok).toBe(false);
    expect((await log()).at(-1)).toBe('release 3');
  });

  it('ends its process and then probes no more', async () => {
    await act('answer');
    const held = act('hold');
    await prober.close();
    expect((await log()).at(-1)).toBe('end');
    expect((await held).code).toBe('L4CON');
    expect(await act('answer')).toEqual(result('L4CON', 'network namespace blue is no longer probed'));
    expect(await starts()).toBe(1);
  });

  it('kills a process that does not end', async () => {
    void act('stay');
    await act('answer');
    await prober.close();
    expect(await starts()).toBe(1);
  });
});

describe('R18 what cannot be probed is L4CON', () => {
  it.each([
    ['exit', 'it ended with 3'],
    ['say', 'Out of memory'],
    ['kill', 'it ended with SIGKILL'],
    ['garbage', 'what it writes is no answer'],
    ['array', 'what it writes is no answer'],
  ])('X31 but a process that is lost is our own fault and gives no verdict: %s', async (how, reason) => {
    await act('answer');
    const held = act('hold');
    const detail = `lost the prober of network namespace blue: ${reason}`;
    const lost = { ...result('L4CON', detail), shortage: 'prober-lost' };
    expect(await act(how)).toEqual(lost);
    expect(await held).toEqual(lost);
  });

  it.each([
    ['ip is missing', ['/nowhere/ip'], '/nowhere/ip is not installed'],
    [
      'no such namespace',
      ['sh', '-c', 'echo "Cannot open network namespace" >&2; exit 1'],
      'Cannot open network namespace',
    ],
    ['what it prints is long', ['sh', '-c', 'printf "%09999d" 1 >&2'], /^0{100,}$/],
    ['nothing is said', ['sh', '-c', 'exit 255'], 'it ended with 255'],
    ['no process can be', ['sh\0'], /null bytes/],
  ])('a namespace that cannot be entered: %s', async (_, command, reason) => {
    prober = open(command);
    const { detail, ...probed } = await act('answer');
    expect(probed).toMatchObject({ ok: false, layer: 'L4', code: 'L4CON' });
    expect(detail).toMatch(/^cannot enter network namespace blue: /);
    expect(detail.slice('cannot enter network namespace blue: '.length)).toMatch(reason);
    expect(detail.length).toBeLessThanOrEqual(200);
  });

  it('costs no process a probe, and is tried again later', async () => {
    prober = open(['sh', '-c', `echo start >> ${join(directory, 'log')}; echo closed >&2; exit 1`]);
    const failed = result('L4CON', 'cannot enter network namespace blue: closed');
    for (const timeMs of [0, 0, 249, 250, 251, 749, 750]) {
      nowMs = timeMs;
      expect(await act('answer')).toEqual(failed);
    }
    expect(await starts()).toBe(3);
  });

  it('a process that worked is started again soon, once', async () => {
    for (let i = 0; i < 3; i += 1) {
      await act('answer');
      await Promise.all([act('kill'), act('answer')]);
      expect((await act('answer')).code).toBe('L4CON');
      nowMs += 250;
    }
    expect(await starts()).toBe(3);
  });

  it('a process that hangs is given up after a grace', async () => {
    prober = new NamespaceProber('blue', {
      command: [process.execPath, join(directory, 'puppet.cjs'), join(directory, 'log')],
      graceMs: 0,
    });
    await act('answer');
    const detail = 'lost the prober of network namespace blue: it does not answer';
    expect(await act('hold', { timeoutMs: HASTY_MS })).toEqual({
      ...result('L4CON', detail),
      shortage: 'prober-lost',
    });
    await until('its successor', async () => (await act('answer')).ok);
    expect(await starts()).toBe(2);
  });
});
