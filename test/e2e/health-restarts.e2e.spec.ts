import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { BACKEND_COMMANDS } from '@signalbox/contracts';
import { type RawNats, Site, until } from '@signalbox/testing';
import {
  applyWorld,
  backend,
  type BackendDetail,
  becomes,
  command,
  findBackend,
  frontend,
  type FrontendItem,
  historyOf,
  newestRecord,
  readRecord,
  type TransitionItem,
  transitionsOf,
  webCheck,
  weighs,
  weightsOf,
} from './balance-site.js';
import { expectSilence, WebServers } from './web-servers.js';

jest.setTimeout(300_000);

const [FIRST, SECOND, THIRD] = ['127.20.30.11', '127.20.30.12', '127.20.30.13'] as const;
const CHECKED = { healthcheck: 'web' } as const;
/** Several intervals, in which a probe would have come. */
const SILENT_MS = 500;

describe('health checking of a site that is killed and started again', () => {
  let servers: WebServers;
  let site: Site;
  let nats: RawNats;

  beforeAll(async () => {
    servers = await WebServers.start(FIRST, SECOND, THIRD);
    site = await Site.start();
    nats = await site.rawNats();
  }, 300_000);

  afterAll(async () => {
    nats?.close();
    await site?.stop();
    await servers?.stop();
  }, 300_000);

  async function probed(address: string, times: number): Promise<void> {
    const server = servers.at(address);
    const before = server.requests;
    await until(`${times} probes of ${address}`, () => server.requests >= before + times);
  }

  describe('while nothing changes', () => {
    const NAMES = ['kept-a', 'kept-b', 'kept-off'] as const;
    interface Seen {
      readonly histories: readonly (readonly TransitionItem[])[];
      readonly frontends: readonly FrontendItem[];
      readonly records: readonly number[];
    }
    let before: Seen;
    let atReady: readonly FrontendItem[];
    let paused: BackendDetail;

    beforeAll(async () => {
      await applyWorld(
        site,
        webCheck(servers.port),
        backend('kept-a', FIRST, CHECKED),
        backend('kept-b', SECOND, CHECKED),
        backend('kept-off', THIRD, CHECKED),
        frontend('kept-vip', { primary: { 'kept-a': 100, 'kept-b': 100 }, fallback: { 'kept-off': 100 } }),
      );
      for (const name of NAMES) await becomes(site, name, 'up');
      paused = await command(site, 'kept-off', 'pause', 'new kernel');
      const path = '/v1/frontends/kept-vip/pools/primary/backends/kept-b/weight';
      const set = await site.rest('PUT', path, { weight: 25, reason: 'canary', expiresIn: '1h' });
      expect(set).toMatchObject({ status: 200 });
      before = await seen();
      await site.kill();
      await site.up();
      atReady = await site.all<FrontendItem>('/v1/frontends');
    }, 300_000);

    async function seen(): Promise<Seen> {
      return {
        histories: await Promise.all(NAMES.map((name) => transitionsOf(site, name))),
        frontends: await site.all<FrontendItem>('/v1/frontends'),
        records: [
          await newestRecord(nats, 'activity.backend.>'),
          await newestRecord(nats, 'activity.frontend.>'),
        ],
      };
    }

    it('R8 no healthy backend loses its state or its weight: nothing at all is recorded', async () => {
      expect(atReady).toEqual(before.frontends);
      expect(await weightsOf(site, 'kept-vip')).toEqual({ 'kept-a': 100, 'kept-b': 25, 'kept-off': 0 });
      await Promise.all([probed(FIRST, 10), probed(SECOND, 10)]);
      expect(await seen()).toEqual(before);
    });

    it('a pause is still there, with who and why', async () => {
      expect(await findBackend(site, 'kept-off')).toMatchObject({
        state: 'paused',
        version: paused.version,
        by: { author: expect.stringMatching(/./), reason: 'new kernel' },
      });
      await expectSilence(servers.at(THIRD), SILENT_MS);
      await command(site, 'kept-off', 'resume');
      expect(await becomes(site, 'kept-off', 'up')).toMatchObject({ version: paused.version + 2 });
    });

    it('a weight is still there, with who and why, until it is set to default', async () => {
      const { code, stdout } = await site.cli('show', 'frontends', 'kept-vip');
      expect(code).toBe(0);
      expect(stdout).toMatch(/kept-b\s+weight 25 effective 25\b/);
      expect(stdout).toMatch(/override: 25 since \S+ until \S+, by \S+: canary/);

      const words = ['kept-vip', 'pool', 'primary', 'backend', 'kept-b', 'weight', 'default'];
      expect(await site.cli('set', 'frontend', ...words)).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^kept-b weight 100 effective 100$/m),
      });
      const after = (await site.cli('show', 'frontends', 'kept-vip')).stdout;
      expect(after).toMatch(/kept-b\s+weight 100 effective 100\b/);
      expect(after).not.toContain('override');
    });
  });

  it('what happened to the servers meanwhile decides at the first probe', async () => {
    await applyWorld(
      site,
      webCheck(servers.port, { fall: 5, rise: 5 }),
      backend('away-a', FIRST, CHECKED),
      backend('away-b', SECOND, CHECKED),
      frontend('away-vip', { primary: { 'away-a': 100 }, fallback: { 'away-b': 100 } }),
    );
    await becomes(site, 'away-a', 'up');
    await becomes(site, 'away-b', 'up');
    servers.at(SECOND).say({ status: 503 });
    await becomes(site, 'away-b', 'down');
    await weighs(site, 'away-vip', { 'away-a': 100, 'away-b': 0 });

    await site.kill();
    servers.at(FIRST).say({ status: 503 });
    servers.at(SECOND).say({ status: 200 });
    await site.up();
    await weighs(site, 'away-vip', { 'away-a': 0, 'away-b': 100 });
    expect(historyOf(await transitionsOf(site, 'away-a')).at(-1)).toBe('up -> down L7STS');
    expect(historyOf(await transitionsOf(site, 'away-b')).at(-1)).toBe('down -> up L7OK');
    for (const address of [FIRST, SECOND]) servers.at(address).say({ status: 200 });
  });

  it('a frontend that left and comes back after a restart goes on with its versions', async () => {
    const world = [
      backend('back-a', '192.0.2.11'),
      frontend('back-vip', { only: { 'back-a': 100 } }),
    ] as const;
    const newest = (): Promise<{ version: number; to: string }> =>
      readRecord(nats, 'activity.frontend.back-vip');
    await applyWorld(site, ...world);
    await applyWorld(site, world[0]);
    const left = await newest();
    expect(left).toMatchObject({ to: 'removed' });
    await site.kill();
    await site.up();
    const logged = site.log.length;
    await applyWorld(site, ...world);
    expect(await weightsOf(site, 'back-vip')).toEqual({ 'back-a': 100 });
    expect(await newest()).toMatchObject({ version: left.version + 1, to: 'up' });
    expect(site.log.slice(logged)).not.toContain('somebody else wrote');
  });

  it('in the middle of commands: histories have no gap and weights follow from the states', async () => {
    const names = ['mid-a', 'mid-b', 'mid-c'];
    await applyWorld(
      site,
      ...names.map((name, at) => backend(name, `192.0.2.${at + 1}`)),
      frontend('mid-vip', { only: Object.fromEntries(names.map((name) => [name, 100])) }),
    );
    let going = true;
    let answered = 0;
    const operators = names.map(async (name, at) => {
      for (let turn = at; going; turn += 1) {
        const verb = BACKEND_COMMANDS[(turn * 3 + at) % BACKEND_COMMANDS.length];
        const { status } = await site
          .rest('POST', `/v1/backends/${name}/${verb}`)
          .catch(() => ({ status: 0 })); // the site is gone
        if (status === 200 || status === 409) answered += 1;
      }
    });
    await until('commands to be answered', () => answered > 30);
    await site.kill();
    going = false;
    await Promise.all(operators);
    await site.up();

    const weights = await weightsOf(site, 'mid-vip');
    for (const name of names) {
      const { state, enabled, version } = await findBackend(site, name);
      expect({ name, enabled }).toEqual({ name, enabled: state !== 'disabled' });
      expect({ name, weight: weights[name] }).toEqual({ name, weight: state === 'up' ? 100 : 0 });
      const history = (await transitionsOf(site, name)).reverse();
      expect(history.map((one) => one.version)).toEqual(history.map((_, at) => at + 1));
      expect(history.slice(1).map(({ from }) => from)).toEqual(history.slice(0, -1).map(({ to }) => to));
      expect(history.at(-1)).toMatchObject({ version, to: state });
    }
    for (const name of names) {
      await command(site, name, 'enable');
      await command(site, name, 'resume');
      await becomes(site, name, 'up');
    }
    await weighs(site, 'mid-vip', { 'mid-a': 100, 'mid-b': 100, 'mid-c': 100 });
  });
});
