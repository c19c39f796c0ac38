import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { programFile } from '@signalbox/contracts';
import { optionalProgram, until } from '@signalbox/testing';
import { canRun } from './can-run.fixture.js';
import { LocalProber } from './local-prober.js';
import { NamespaceProber } from './namespace-prober.js';
import { NEVER, result, target } from './servers.fixture.js';

// Deadlines are for hangs only.
jest.setTimeout(60_000);

const ENTRY = programFile('prober-process');
const IP = optionalProgram('ip', 'probes inside a real network namespace') ?? 'ip';
const NAME = `signalbox-test-${process.pid}`;

const SERVER = `
  const server = require('node:http').createServer((_, response) => response.end('from inside'));
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));`;

(canRun('the test of a real network namespace', obstacle()) ? describe : describe.skip)('a namespace', () => {
  let server: ChildProcess;
  let port: number;

  beforeAll(async () => {
    expect(ip('-n', NAME, 'link', 'set', 'lo', 'up')).toBe('');
    const inside = spawn(IP, ['netns', 'exec', NAME, process.execPath, '-e', SERVER], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    server = inside;
    const [text] = (await once(inside.stdout.setEncoding('utf8'), 'data')) as [string];
    port = Number(text);
  });
  afterAll(async () => {
    server.kill('SIGKILL');
    await once(server, 'exit');
    ip('netns', 'del', NAME);
  });

  const open = (name: string): NamespaceProber =>
    new NamespaceProber(name, { command: [IP, 'netns', 'exec', name, process.execPath, ENTRY] });
  const insideOnly = () => target('http', port, { responseRegexp: '^from inside$' });

  it('is probed from inside, and only from there', async () => {
    const prober = open(NAME);
    expect(await prober.probe(insideOnly(), NEVER)).toEqual(result('L7OK', 'HTTP 200'));
    expect((await new LocalProber().probe(insideOnly(), NEVER)).ok).toBe(false);
    const outside = target('tcp', port, {}, { address: '203.0.113.9' });
    expect(await prober.probe(outside, NEVER)).toEqual(result('L4CON', 'network is unreachable'));
    await prober.close();
  });

  it('keeps its prober through a signal to the whole group, and loses it with the service', async () => {
    const prober = open(NAME);
    expect((await prober.probe(insideOnly(), NEVER)).ok).toBe(true);
    const probers = pidsInside().filter((pid) => pid !== server.pid);
    expect(probers).toHaveLength(1);
    for (const pid of probers) for (const signal of ['SIGINT', 'SIGTERM']) process.kill(pid, signal);
    expect((await prober.probe(insideOnly(), NEVER)).ok).toBe(true);
    await prober.close();
    await until('the end of the prober', () => pidsInside().length === 1);
  });

  it('R18 one that does not exist is L4CON', async () => {
    const prober = open(`${NAME}-none`);
    const probed = await prober.probe(insideOnly(), NEVER);
    expect(probed).toEqual(
      result('L4CON', expect.stringMatching(/^cannot enter network namespace .*No such file/)),
    );
    await prober.close();
  });
});

/** Makes the namespace; what keeps this machine from it is why the tests are skipped. */
function obstacle(): string | undefined {
  if (!existsSync(ENTRY)) return `${ENTRY} is not built`;
  const failure = ip('netns', 'add', NAME);
  return failure === '' ? undefined : `no network namespace can be made here: ${failure}`;
}

/** What went wrong, `''` = nothing. */
function ip(...args: string[]): string {
  const { error, status, stderr } = spawnSync(IP, args, { encoding: 'utf8' });
  return status === 0 ? '' : (error?.message ?? stderr.trim());
}

function pidsInside(): number[] {
  const { stdout } = spawnSync(IP, ['netns', 'pids', NAME], { encoding: 'utf8' });
  return stdout.trim().split('\n').filter(Boolean).map(Number);
}
