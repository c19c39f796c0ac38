import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { optionalProgram, until } from '@signalbox/testing';
import { canRun } from './can-run.fixture.js';
import { LocalProber } from './local-prober.js';
import type { ProbeTarget } from './probe.js';
import { HASTY_MS, NEVER, PATIENT_MS, result } from './servers.fixture.js';

const PING = optionalProgram('ping', 'an echo request by the real ping') ?? 'ping';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
});
afterAll(() => rm(directory, { recursive: true }));

const TARGET: ProbeTarget = { type: 'icmp', address: '192.0.2.7', timeoutMs: PATIENT_MS, params: {} };

/** Probes with a program that does this instead of ping. */
async function probe(lines: string, more: Partial<ProbeTarget> = {}, signal = NEVER) {
  const ping = join(directory, 'ping');
  await writeFile(ping, `#!/bin/sh\n${lines}\n`);
  await chmod(ping, 0o755);
  return new LocalProber({ ping }).probe({ ...TARGET, ...more }, signal);
}

describe('an icmp probe', () => {
  it.each([
    ['64 bytes from 192.0.2.7: icmp_seq=1 ttl=64 time=0.716 ms', '0.716 ms'],
    ['64 bytes from 192.0.2.7: seq=0 ttl=64 time=12 ms', '12 ms'],
    ['64 bytes from 192.0.2.7: icmp_seq=1 ttl=64 time<1 ms', '1 ms'],
  ])('passes with a reply: %s', async (line, roundTrip) => {
    expect(await probe(`echo '${line}'`)).toEqual(result('L7OK', `echo reply in ${roundTrip}`));
  });

  it('L7TOUT: no reply', async () => {
    const probed = await probe("echo '1 packets transmitted, 0 received, 100% packet loss'; exit 1");
    expect(probed).toEqual(result('L7TOUT', 'no echo reply within 10000 ms'));
  });

  it.each([
    [
      'a router says so',
      "echo 'From 192.0.2.1 icmp_seq=1 Destination Host Unreachable'; exit 1",
      /^destination host unr/,
    ],
    ['no route', "echo 'ping: connect: Network is unreachable' >&2; exit 2", /^Network is unreachable$/],
    [
      'not our source',
      "echo 'ping: bind: Cannot assign requested address' >&2; exit 2",
      /^bind: Cannot assign/,
    ],
    [
      'not permitted',
      "echo 'ping: socktype: SOCK_RAW' >&2; echo 'ping: socket: Operation not permitted' >&2; exit 2",
      /ping_group_range or give ping CAP_NET_RAW/,
    ],
    [
      'a firewall',
      "echo 'ping: sendmsg: Operation not permitted' >&2; exit 1",
      /^sendmsg: Operation not permitted$/,
    ],
    ['not root', "echo 'ping: permission denied (are you root?)' >&2; exit 1", /ping_group_range/],
    ['silent failure', 'exit 3', /^ping ended with 3$/],
  ])('L4CON: %s', async (_, lines, says) => {
    expect(await probe(lines)).toEqual(result('L4CON', expect.stringMatching(says)));
  });

  it.each([
    ['killed by another', 'kill -9 $$', 'killed'],
    ['no descriptor', 'echo "ping: socket: Too many open files" >&2; exit 2', 'EMFILE'],
    ['no buffer', 'echo "ping: sendmsg: No buffer space available" >&2; exit 1', 'ENOBUFS'],
    ['no process', 'echo "sh: fork: Resource temporarily unavailable" >&2; exit 2', 'EAGAIN'],
  ])('X31 gives no verdict when our own machine is short: %s', async (_, lines, shortage) => {
    expect(await probe(lines)).toEqual({ ...result('L4CON'), shortage });
  });

  it('L4CON: ping is not installed, or cannot be run', async () => {
    const missing = join(directory, 'missing');
    const detail = `${missing} is not installed: install iputils-ping (or iputils)`;
    expect(await new LocalProber({ ping: missing }).probe(TARGET, NEVER)).toEqual(result('L4CON', detail));
    const forbidden = join(directory, 'forbidden');
    await writeFile(forbidden, '');
    const probed = await new LocalProber({ ping: forbidden }).probe(TARGET, NEVER);
    expect(probed).toEqual(result('L4CON', `cannot run ${forbidden}: not permitted`));
  });

  it('gives ping no shell and nothing of our environment', async () => {
    const seen = join(directory, 'seen');
    const lines = `{ printf '%s\\n' "$*"; env; } > ${seen}; exit 1`;
    process.env['SIGNALBOX_TEST_SECRET'] = 'x';
    await probe(lines, { address: '2001:db8::7', source: '2001:db8::1', timeoutMs: 9_500 });
    delete process.env['SIGNALBOX_TEST_SECRET'];
    const [given, ...env] = (await readFile(seen, 'utf8')).trim().split('\n');
    expect(given).toBe('-n -c 1 -W 10 -6 -I 2001:db8::1 2001:db8::7');
    expect(env).toEqual(expect.arrayContaining(['LC_ALL=C', expect.stringMatching(/^PATH=/)]));
    expect(env.join()).not.toContain('SIGNALBOX_TEST_SECRET');
    await probe(lines, { source: '2001:db8::1' });
    expect(await readFile(seen, 'utf8')).toMatch(/^-n -c 1 -W 10 -4 192\.0\.2\.7\n/);
  });

  it('L7TOUT: ping is killed at the deadline', async () => {
    const pidFile = join(directory, 'late');
    const probed = await probe(`echo $$ > ${pidFile}.new; mv ${pidFile}.new ${pidFile}; exec sleep 60`, {
      timeoutMs: 10 * HASTY_MS,
    });
    expect(probed).toEqual(result('L7TOUT', 'no response within 1500 ms'));
    await untilGone(pidFile);
  });

  it('is killed when the probe is aborted', async () => {
    const pidFile = join(directory, 'aborted');
    const abort = new AbortController();
    const probed = probe(
      `echo $$ > ${pidFile}.new; mv ${pidFile}.new ${pidFile}; exec sleep 60`,
      {},
      abort.signal,
    );
    await until('ping to run', () => existsSync(pidFile));
    abort.abort();
    expect((await probed).ok).toBe(false);
    await untilGone(pidFile);
  });
});

(canRun('the test of the real ping', pingFailure()) ? it : it.skip)('the real ping reaches us', async () => {
  const prober = new LocalProber({ ping: PING });
  const local = { ...TARGET, address: '127.0.0.1' };
  expect(await prober.probe(local, NEVER)).toEqual(
    result('L7OK', expect.stringMatching(/^echo reply in [\d.]+ ms$/)),
  );
  expect((await prober.probe({ ...local, source: '127.0.0.7' }, NEVER)).code).toBe('L7OK');
  expect((await prober.probe({ ...local, source: '203.0.113.9' }, NEVER)).code).toBe('L4CON');
});

function pingFailure(): string | undefined {
  const { error, status, stderr } = spawnSync(PING, ['-n', '-c', '1', '-W', '2', '127.0.0.1'], {
    encoding: 'utf8',
  });
  return status === 0 ? undefined : `ping cannot be used here: ${error?.message ?? stderr.trim()}`;
}

async function untilGone(pidFile: string): Promise<void> {
  const pid = (await readFile(pidFile, 'utf8')).trim();
  await until('the end of ping', async () => {
    const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z ');
    return / Z /.test(status.slice(status.lastIndexOf(')')));
  });
}
