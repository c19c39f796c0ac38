import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { CHECKOUT, SHAPES, Site, until } from '@signalbox/testing';
import { parse, stringify } from 'yaml';
import { expectSilence, type WebServer, WebServers } from './web-servers.js';

jest.setTimeout(300_000);

/** Address of each server of the lab; the last number is that of the reference. */
const NGINX = { nginx1: '127.20.30.11', nginx2: '127.20.30.12', nginx3: '127.20.30.13' } as const;
type Nginx = keyof typeof NGINX;
const NAMES = Object.keys(NGINX) as Nginx[];

/** The lab of reference 11.1 lets changes take 2 to 5 s, on a machine of its own; here a deadline is for hangs. Milliseconds. */
const REQUESTS_GROW_MS = 60_000;
const UP_AGAIN_MS = 60_000;
const STATIC_UP_MS = 60_000;
/** The second of grace and the two seconds of silence that the lab looks at. */
const SILENT_MS = 3000;

/** Steps of the lab suite, reference maglev 11.1, on loopback addresses; each goes on where the last one ended. */
describe.each(SHAPES)('the lab suite of health checking, %s', (shape) => {
  let servers: WebServers;
  let site: Site;

  beforeAll(async () => {
    servers = await WebServers.start(...Object.values(NGINX));
    site = await Site.start({ shape });
  }, 300_000);

  afterAll(async () => {
    await site?.stop();
    await servers?.stop();
  }, 300_000);

  function server(name: Nginx): WebServer {
    return servers.at(NGINX[name]);
  }

  /** What a command prints; it has to exit 0. */
  async function cli(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await site.cli(...args);
    expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
    return stdout;
  }

  async function stateIs(name: string, state: string, deadlineMs?: number): Promise<void> {
    const line = new RegExp(`^\\s*state\\s+${state}\\s*$`, 'm');
    const shown = async (): Promise<boolean> => line.test(await cli('show', 'backends', name));
    await until(`${name} to be ${state}`, shown, deadlineMs);
  }

  async function requestsGrow(name: Nginx): Promise<void> {
    const before = server(name).requests;
    await until(`requests at ${name}`, () => server(name).requests > before, REQUESTS_GROW_MS);
  }

  /** Sum of the samples whose line begins with `start` and has all of `labels` in it. */
  function sample(text: string, start: string, ...labels: string[]): number {
    return text
      .split('\n')
      .filter((line) => line.startsWith(start) && labels.every((label) => line.includes(label)))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  }

  function effective(name: string, weight: number): RegExp {
    return new RegExp(`${name}\\s+weight\\s+\\d+\\s+effective\\s+${weight}\\b`);
  }

  it('1 deploy: the config is applied and probes run at once', async () => {
    const example = await readFile(join(CHECKOUT, 'examples', 'maglev', 'maglev.yaml'), 'utf8');
    const file = join(site.stateDir, 'maglev.yaml');
    await writeFile(file, labConfig(example, servers.port));
    await cli('apply', '-f', file);
    for (const name of NAMES) await until(`a probe of ${name}`, () => server(name).requests > 0);
    expect((await fetch(`${site.url}/readyz`)).status).toBe(200);
  });

  it('2 backends that answer 200 are up', async () => {
    for (const name of NAMES) await stateIs(name, 'up', UP_AGAIN_MS);
  });

  it('3 the access log of each has GET /', () => {
    for (const name of NAMES)
      expect([name, server(name).log]).toEqual([name, expect.arrayContaining(['GET /'])]);
  });

  it('4 pause: nginx1 is paused and gets no more requests', async () => {
    await cli('set', 'backend', 'nginx1', 'pause');
    await expectSilence(server('nginx1'), SILENT_MS);
    expect(await cli('show', 'backends', 'nginx1')).toMatch(/state\s+paused/);
  });

  it('5 resume: nginx1 gets requests again and is up', async () => {
    await cli('set', 'backend', 'nginx1', 'resume');
    await requestsGrow('nginx1');
    await stateIs('nginx1', 'up', UP_AGAIN_MS);
  });

  it('6 disable: nginx2 is disabled and gets no more requests', async () => {
    await cli('set', 'backend', 'nginx2', 'disable');
    await expectSilence(server('nginx2'), SILENT_MS);
    const shown = await cli('show', 'backends', 'nginx2');
    expect(shown).toMatch(/state\s+disabled/);
    expect(shown).toMatch(/enabled\s+false/);
  });

  it('7 enable: nginx2 gets requests again and is up', async () => {
    await cli('set', 'backend', 'nginx2', 'enable');
    await requestsGrow('nginx2');
    await stateIs('nginx2', 'up', UP_AGAIN_MS);
  });

  it('8 metrics are served and have maglev_backend_state', async () => {
    expect(await site.metrics()).toContain('maglev_backend_state');
  });

  it('9 metrics: all three backends are up', async () => {
    const lines = (await site.metrics()).split('\n');
    for (const name of NAMES)
      expect(lines).toContain(
        `maglev_backend_state{address="${NGINX[name]}",backend="${name}",healthcheck="http-check",state="up"} 1`,
      );
  });

  it('10 metrics: successful probes are counted', async () => {
    const text = await site.metrics();
    for (const name of NAMES)
      expect(sample(text, `maglev_probe_total{backend="${name}"`, 'result="success"')).toBeGreaterThanOrEqual(
        1,
      );
  });

  it('11 metrics: the duration of probes is counted', async () => {
    const text = await site.metrics();
    expect(sample(text, 'maglev_probe_duration_seconds_count{backend="nginx1"')).toBeGreaterThanOrEqual(1);
  });

  it('12 metrics: the configured weights', async () => {
    const lines = (await site.metrics()).split('\n');
    for (const [backend, pool] of [
      ['nginx1', 'primary'],
      ['nginx3', 'fallback'],
    ])
      expect(lines).toContain(
        `maglev_frontend_pool_backend_weight{backend="${backend}",frontend="http-vip",pool="${pool}"} 100`,
      );
  });

  it('13 metrics: the transition from unknown to up is counted', async () => {
    const start = 'maglev_backend_transitions_total{backend="nginx1",from="unknown",to="up"}';
    expect(sample(await site.metrics(), start)).toBeGreaterThanOrEqual(1);
  });

  it('14 static backends are up: the primary has the weight, the fallback none', async () => {
    for (const name of ['static-primary', 'static-fallback']) await stateIs(name, 'up', STATIC_UP_MS);
    const shown = await cli('show', 'frontends', 'failover-vip');
    expect(shown).toMatch(effective('static-primary', 100));
    expect(shown).toMatch(effective('static-fallback', 0));
  });

  it('15 disable of the primary: the fallback has the weight at once', async () => {
    await cli('set', 'backend', 'static-primary', 'disable');
    const shown = await cli('show', 'frontends', 'failover-vip');
    expect(shown).toMatch(effective('static-primary', 0));
    expect(shown).toMatch(effective('static-fallback', 100));
    expect(shown).toMatch(/static-primary\s+weight\s+100\s+effective\s+0 \[disabled\]/);
    expect(await cli('show', 'backends', 'static-primary')).toMatch(/state\s+disabled/);
  });

  it('16 enable of the primary: it has the weight again', async () => {
    await cli('set', 'backend', 'static-primary', 'enable');
    await stateIs('static-primary', 'up', STATIC_UP_MS);
    const shown = await cli('show', 'frontends', 'failover-vip');
    expect(shown).toMatch(effective('static-primary', 100));
    expect(shown).toMatch(effective('static-fallback', 0));
  });
});

/** The config of the lab (reference 2.9), with its servers on loopback addresses and a port that is free here. */
function labConfig(example: string, port: number): string {
  const { maglev } = parse(example) as {
    maglev: {
      healthchecks: { 'http-check': { port: number } };
      backends: Record<Nginx, { address: string }>;
    };
  };
  maglev.healthchecks['http-check'].port = port;
  for (const name of NAMES) maglev.backends[name].address = NGINX[name];
  return stringify({ maglev });
}
