import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { freePort } from '@signalbox/embedded';
import { optionalProgram, Site, until } from '@signalbox/testing';
import { blocksOf } from './page-blocks.js';

jest.setTimeout(300_000);

const PAGE = 'docs/guide/sinks-haproxy.md';
const HAPROXY = optionalProgram('haproxy', PAGE);
const SERVERS = 1000;
/** As the page leaves them out: the defaults of a sink. */
const MIN_WAIT_MS = 1000;

/** The text of a block by the name of its file. */
function block(name: string): string {
  const found = blocksOf(PAGE).find(({ file }) => file === name);
  if (!found) throw new Error(`${PAGE} has no block ${name}`);
  return `${found.text}\n`;
}

(HAPROXY === undefined ? describe.skip : describe)(PAGE, () => {
  let site: Site;
  let server: Server;
  let run: string;
  let port: number;
  let commands: string;

  beforeAll(async () => {
    run = mkdtempSync(join(tmpdir(), 'signalbox-haproxy-'));
    site = await Site.start({
      env: { SIGNALBOX_SINK_DIRS: run, PATH: `${process.env['PATH']}:${dirname(HAPROXY!)}:/usr/bin:/bin` },
    });
    server = createServer((_request, response) => response.end('ok')).listen(0, '127.0.0.1');
    await until('the web server', () => server.listening);
    port = await freePort(21_000);
    commands = join(site.stateDir, 'sink-commands');
    mkdirSync(commands, { mode: 0o755 });
    for (const name of ['haproxy-check', 'haproxy-reload']) program(name, block(name));
    await site.addPlugin('web-server', block('web-server'));
  }, 300_000);

  afterAll(async () => {
    await site?.stop();
    try {
      process.kill(Number(readFileSync(join(run, 'haproxy.pid'), 'utf8')), 'SIGTERM');
    } catch {
      // it never ran
    }
    server?.close();
    rmSync(run, { recursive: true, force: true });
  }, 300_000);

  function program(name: string, text: string): void {
    writeFileSync(join(commands, name), text);
    chmodSync(join(commands, name), 0o755);
  }

  async function announce(name: string): Promise<void> {
    const { port: own } = server.address() as AddressInfo;
    const payload = { address: '127.0.0.1', port: String(own) };
    const fact = { id: `up-${name}`, type: 'web.up', subject: name, payload };
    const { status } = await site.rest('POST', '/v1/groups/default/events', fact);
    expect(status).toBe(202);
  }

  /** One request on a connection of its own: whether it was answered as it should be. */
  function ask(): Promise<boolean> {
    return new Promise((resolve) => {
      get({ host: '127.0.0.1', port, agent: false }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode === 200));
      }).on('error', () => resolve(false));
    });
  }

  const serversIn = (): number =>
    readFileSync(join(run, 'haproxy.cfg'), 'utf8').split('\n  server ').length - 1;

  it('S15 1,000 servers announce themselves under load: no request fails, and reloads keep their distance', async () => {
    const reloads = join(run, 'reloads');
    program(
      'haproxy-reload',
      block('haproxy-reload').replace('#!/bin/sh', `#!/bin/sh\necho reload >>'${reloads}'`),
    );
    const file = join(site.stateDir, 'haproxy.yaml');
    writeFileSync(file, block('haproxy.yaml'));
    const began = Date.now();
    const variables = { plugins: site.pluginDir, commands, run, port: String(port) };
    const given = Object.entries(variables).flatMap(([name, value]) => ['--var', `${name}=${value}`]);
    expect(await site.cli('apply', '-f', file, ...given)).toMatchObject({ code: 0 });

    await announce('web-0');
    await until('HAProxy to serve', ask);

    let [asked, failed] = [0, 0];
    let isOver = false;
    const client = async (): Promise<void> => {
      while (!isOver) {
        asked += 1;
        if (!(await ask())) failed += 1;
      }
    };
    const clients = Array.from({ length: 4 }, client);
    for (let at = 1; at < SERVERS; at += 10)
      await Promise.all(
        Array.from({ length: Math.min(10, SERVERS - at) }, (_, i) => announce(`web-${at + i}`)),
      );
    await until('all servers to be in the file', () => serversIn() === SERVERS, 200_000);
    const seen = asked;
    await until('requests to the last configuration', () => asked > Math.max(SERVERS, seen + 100), 200_000);
    isOver = true;
    await Promise.all(clients);

    const count = readFileSync(reloads, 'utf8').split('\n').length - 1;
    expect(failed).toBe(0);
    expect(count).toBeGreaterThan(1);
    expect(count).toBeLessThanOrEqual((Date.now() - began) / MIN_WAIT_MS + 1);
  });

  it('S15 a file that HAProxy refuses changes nothing, and its own words say why', async () => {
    const file = join(site.stateDir, 'bad.yaml');
    const bad = block('haproxy.yaml').replace('option redispatch', 'option of-nobody');
    writeFileSync(file, bad);
    const before = readFileSync(join(run, 'haproxy.cfg'), 'utf8');
    const variables = { plugins: site.pluginDir, commands, run, port: String(port) };
    const given = Object.entries(variables).flatMap(([name, value]) => ['--var', `${name}=${value}`]);
    expect(await site.cli('apply', '-f', file, ...given)).toMatchObject({ code: 0 });
    const said = await until('the sink to be degraded', async () => {
      const { stdout } = await site.cli('sink', 'describe', 'haproxy');
      return stdout.includes('degraded') && stdout;
    });
    expect(said).toContain("unknown option 'of-nobody'");
    expect(readFileSync(join(run, 'haproxy.cfg'), 'utf8')).toBe(before);
    expect(await ask()).toBe(true);
  });
});
