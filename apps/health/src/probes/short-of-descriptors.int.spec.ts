import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { programFile } from '@signalbox/contracts';
import { dnsRecords as records, dnsServer, until } from '@signalbox/testing';
import { canRun } from './can-run.fixture.js';
import type { ProbeResult, ProbeTarget } from './probe.js';
import type { ProberAnswer } from './prober-messages.js';
import { Servers, target } from './servers.fixture.js';

// Deadlines are for hangs only.
jest.setTimeout(120_000);

const ENTRY = programFile('prober-process');
/** What Node needs to read its own modules, and room for some of the probes. */
const DESCRIPTORS = 128;
const PROBES = 200;

const obstacle = existsSync(ENTRY) ? undefined : `${ENTRY} is not built`;

(canRun('the test of a prober without descriptors', obstacle) ? describe : describe.skip)(
  'X31 a prober that runs out of descriptors, with healthy backends',
  () => {
    const servers = new Servers();
    let directory: string;
    let prober: ChildProcess;
    let results: ProbeResult[];

    beforeEach(async () => {
      directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
      const ping = join(directory, 'ping');
      await writeFile(ping, '#!/bin/sh\necho "64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=0.1 ms"\n');
      await chmod(ping, 0o755);
      results = [];
      const limited = ['-c', `ulimit -n ${DESCRIPTORS} && exec "$0" "$1"`, process.execPath, ENTRY];
      const child = spawn('sh', limited, {
        stdio: ['pipe', 'pipe', 'inherit'],
        env: { PATH: `${directory}:${process.env['PATH']}` },
      });
      createInterface({ input: child.stdout }).on('line', (line) =>
        results.push((JSON.parse(line) as ProberAnswer).result),
      );
      prober = child;
    });
    afterEach(async () => {
      const ended = once(prober, 'exit');
      prober.stdin?.end();
      await ended;
      await servers.close();
      await rm(directory, { recursive: true });
    });

    async function probeAll(probed: ProbeTarget): Promise<void> {
      const lines = Array.from({ length: PROBES }, (_, id) => JSON.stringify({ id, target: probed }));
      prober.stdin?.write(`${lines.join('\n')}\n`);
      await until('all results', () => results.length === PROBES, 100_000);
    }

    const healthy: Readonly<Record<string, () => Promise<ProbeTarget>>> = {
      http: async () => target('http', await servers.http((_, response) => response.end('ok'))),
      tcp: async () => target('tcp', await servers.tcp((socket) => socket.resume())),
      tls: async () => target('tls', await servers.tls(), { insecureSkipVerify: true }),
      udp: async () =>
        target('udp', await servers.udp((_, from, socket) => socket.send('ok', from.port)), { send: 'x' }),
      dns: async () =>
        target('dns', await dnsServer(servers, () => ({ records: [records.a(192, 0, 2, 7)] })), {
          name: 'a',
        }),
      icmp: async () => target('icmp', 0),
    };

    it.each(Object.keys(healthy))('%s: passes, or gives no verdict', async (type) => {
      await probeAll({ ...(await healthy[type]!()), timeoutMs: 90_000 });
      expect(results.filter(({ ok, shortage }) => !ok && shortage === undefined)).toEqual([]);
      const short = results.filter(({ shortage }) => shortage !== undefined);
      expect(new Set(short.map(({ shortage }) => shortage))).toEqual(new Set(['EMFILE']));
      expect(results.some(({ ok }) => ok)).toBe(true);
    });
  },
);
