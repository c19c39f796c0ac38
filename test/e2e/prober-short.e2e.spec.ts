import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Alarm } from '@signalbox/contracts';
import { Site, until } from '@signalbox/testing';
import { applyWorld, backend, historyOf, transitionsOf, webCheck } from './balance-site.js';
import { WebServers } from './web-servers.js';

jest.setTimeout(120_000);

/** What the whole site may have open: Node, NATS, the database, the API, and some probes. */
const DESCRIPTORS = 512;
/** More than the site can take beside its own. */
const STRANGERS = 700;
const BACKENDS = Array.from({ length: 60 }, (_, n) => `127.20.31.${n + 1}`);

describe('X31 a site that runs out of descriptors', () => {
  let servers: WebServers;
  let site: Site;

  beforeAll(async () => {
    servers = await WebServers.start(...BACKENDS);
    site = await Site.start({ descriptors: DESCRIPTORS });
  }, 90_000);

  afterAll(async () => {
    await site?.stop();
    await servers?.stop();
  }, 60_000);

  const noVerdicts = async (): Promise<number> => {
    const found = /^signalbox_probe_no_verdict_total\{cause="EMFILE"\} (\d+)$/m.exec(await site.metrics());
    return Number(found?.[1] ?? 0);
  };

  it('shows no healthy backend down, says what it is short of, and goes on', async () => {
    const world = BACKENDS.map((address, n) => backend(`b${n}`, address, { healthcheck: 'web' }));
    await applyWorld(site, webCheck(servers.port, { timeout: '60s', fall: 1 }), ...world);
    const states = async () =>
      (await site.all<{ readonly state: string }>('/v1/backends')).map(({ state }) => state);
    await until('all to be up', async () => (await states()).every((state) => state === 'up'), 60_000);
    // with a bound on the probes in flight there is enough for everybody
    expect(await noVerdicts()).toBe(0);

    const strangers: Socket[] = [];
    for (let n = 0; n < STRANGERS; n += 1) {
      const stranger = connect(Number(new URL(site.url).port), '127.0.0.1').on('error', () => undefined);
      strangers.push(stranger);
      await once(stranger, 'connect').catch(() => undefined);
    }
    // the connection of this client was open before, so it is answered
    const alarm = await until('an alarm', async () => {
      const { body } = await site.rest<{ items: Alarm[] }>('GET', '/v1/alarms');
      return body.items.find(({ kind }) => kind === 'prober-short');
    });
    expect(alarm).toMatchObject({ name: 'health', text: expect.stringContaining('EMFILE') });
    expect(alarm.text).toContain('too many open files');
    expect(await noVerdicts()).toBeGreaterThan(0);

    for (const stranger of strangers) stranger.destroy();
    await until('the end of the alarm', async () => {
      const { body } = await site.rest<{ items: Alarm[] }>('GET', '/v1/alarms');
      return body.items.length === 0;
    });
    expect((await states()).every((state) => state === 'up')).toBe(true);
    for (const [n] of BACKENDS.entries())
      expect(historyOf(await transitionsOf(site, `b${n}`))).toEqual([
        'new -> unknown started',
        'unknown -> up L7OK',
      ]);
  });
});
