import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Alarm } from '@signalbox/contracts';
import { Site, until } from '@signalbox/testing';
import {
  applyWorld,
  backend,
  becomes,
  command,
  findBackend,
  findFrontend,
  frontend,
  type FrontendItem,
  webCheck,
  weighs,
  weightsOf,
} from './balance-site.js';
import { WebServers } from './web-servers.js';

jest.setTimeout(300_000);

const [FIRST, SECOND, THIRD] = ['127.20.30.11', '127.20.30.12', '127.20.30.13'] as const;
const CHECKED = { healthcheck: 'web' } as const;
const BROKEN = { status: 503 } as const;

describe('weights of frontends', () => {
  let servers: WebServers;
  let site: Site;

  beforeAll(async () => {
    servers = await WebServers.start(FIRST, SECOND, THIRD);
    site = await Site.start();
  }, 300_000);

  afterAll(async () => {
    await site?.stop();
    await servers?.stop();
  }, 300_000);

  beforeEach(() => {
    for (const address of [FIRST, SECOND, THIRD]) servers.at(address).say({ status: 200 });
  });

  describe('failover', () => {
    const [bothUp, firstDown] = [
      { 'fo-a': 100, 'fo-b': 100, 'fo-c': 0 },
      { 'fo-a': 0, 'fo-b': 100, 'fo-c': 0 },
    ];

    it('the fallback gets the weight when the last primary is gone, and gives it back when one returns', async () => {
      await applyWorld(
        site,
        webCheck(servers.port),
        backend('fo-a', FIRST, CHECKED),
        backend('fo-b', SECOND, CHECKED),
        backend('fo-c', THIRD, CHECKED),
        frontend('fo-vip', { primary: { 'fo-a': 100, 'fo-b': 100 }, fallback: { 'fo-c': 100 } }),
      );
      await weighs(site, 'fo-vip', { ...bothUp });
      await servers.at(FIRST).close();
      await weighs(site, 'fo-vip', { ...firstDown });
      expect((await findBackend(site, 'fo-a')).result).toMatchObject({
        ok: false,
        layer: 'L4',
        code: 'L4CON',
      });

      servers.at(SECOND).say(BROKEN);
      await weighs(site, 'fo-vip', { 'fo-a': 0, 'fo-b': 0, 'fo-c': 100 });
      expect(await findFrontend(site, 'fo-vip')).toMatchObject({ state: 'up', activePool: 'fallback' });
      expect((await findBackend(site, 'fo-b')).result).toMatchObject({
        layer: 'L7',
        code: 'L7STS',
        detail: 'HTTP 503',
      });

      await servers.at(FIRST).open();
      await weighs(site, 'fo-vip', { 'fo-a': 100, 'fo-b': 0, 'fo-c': 0 });
      servers.at(SECOND).say({ status: 200 });
      await weighs(site, 'fo-vip', { ...bothUp });
      expect(await findFrontend(site, 'fo-vip')).toMatchObject({ state: 'up', activePool: 'primary' });
    });

    it('a frontend without any backend that is up is down, and an alarm says so', async () => {
      await applyWorld(
        site,
        webCheck(servers.port),
        backend('fo-a', FIRST, CHECKED),
        frontend('fo-vip', { primary: { 'fo-a': 100 } }),
      );
      await weighs(site, 'fo-vip', { 'fo-a': 100 });
      servers.at(FIRST).say(BROKEN);
      await weighs(site, 'fo-vip', { 'fo-a': 0 });
      expect(await findFrontend(site, 'fo-vip')).toMatchObject({ state: 'down' });
      expect((await site.json<Alarm[]>('show', 'alarms')).map(({ kind, name }) => [kind, name])).toEqual([
        ['backend-down', 'fo-a'],
        ['frontend-down', 'fo-vip'],
      ]);
    });
  });

  describe('a weight that an operator sets', () => {
    const words = ['set', 'frontend', 'ov-vip', 'pool', 'only', 'backend', 'ov-a', 'weight'];

    beforeAll(() =>
      applyWorld(site, backend('ov-a', '192.0.2.11'), frontend('ov-vip', { only: { 'ov-a': 100 } })),
    );

    async function override(): Promise<object | undefined> {
      return (await findFrontend(site, 'ov-vip')).pools[0]?.backends[0]?.override;
    }

    it('is shown with who set it, why and until when, until it is set to default', async () => {
      const set = await site.cli(...words, '25', '--reason', 'canary', '--expires', '1h');
      expect(set).toMatchObject({ code: 0, stdout: 'ov-a weight 25 effective 25\n' });
      expect(await override()).toEqual({
        weight: 25,
        author: expect.stringMatching(/./),
        reason: 'canary',
        at: expect.any(String),
        expiresAt: expect.any(String),
      });
      const { stdout } = await site.cli('show', 'frontends', 'ov-vip');
      expect(stdout).toMatch(
        /why: pool only is active and ov-a is up: weight 25 set by \S+ \(canary\) until \S+/,
      );

      const reset = await site.cli(...words, 'default');
      expect(reset).toMatchObject({ code: 0, stdout: 'ov-a weight 100 effective 100\n' });
      expect(await override()).toBeUndefined();
    });

    it('is the one of the config again when its time is over', async () => {
      const { pools } = await site.json<FrontendItem>(...words, '0', '--expires', '1s');
      const [target] = pools[0]?.backends ?? [];
      expect(target).toMatchObject({ weight: 0, effective: 0, override: { weight: 0 } });
      const expiresAt = target?.override?.expiresAt ?? '';
      await weighs(site, 'ov-vip', { 'ov-a': 100 });
      expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(expiresAt));
      expect(await override()).toBeUndefined();
      expect((await site.cli('show', 'frontends', 'ov-vip')).stdout).not.toContain('override');
    });

    it('is refused outside 0-100 and for a place that does not exist', async () => {
      const path = (pool: string) => `/v1/frontends/ov-vip/pools/${pool}/backends/ov-a/weight`;
      expect((await site.rest('PUT', path('only'), { weight: 101 })).status).toBe(422);
      expect((await site.rest('PUT', path('other'), { weight: 1 })).status).toBe(404);
      expect(await weightsOf(site, 'ov-vip')).toEqual({ 'ov-a': 100 });
    });
  });

  describe('options of a frontend', () => {
    const [a, b] = [backend('op-a', '192.0.2.11'), backend('op-b', '192.0.2.12')];

    /** Why a backend has its weight. */
    async function ruleOf(name: string): Promise<string | undefined> {
      const { pools } = await findFrontend(site, 'op-vip');
      return pools.flatMap(({ backends }) => backends).find((target) => target.name === name)?.why.rule;
    }

    it('failbackDelay: a pool that is back waits before it takes over', async () => {
      const pools = { primary: { 'op-a': 100 }, fallback: { 'op-b': 100 } };
      const checked = backend('op-a', FIRST, CHECKED);
      const vip = frontend('op-vip', pools, { failbackDelay: '3s' });
      await applyWorld(site, webCheck(servers.port), checked, b, vip);
      // up for the first time: there is nothing to go back from
      await weighs(site, 'op-vip', { 'op-a': 100, 'op-b': 0 });
      expect((await findBackend(site, 'op-a')).transitions).toHaveLength(2);
      await servers.at(FIRST).close();
      await weighs(site, 'op-vip', { 'op-a': 0, 'op-b': 100 });
      await servers.at(FIRST).open();
      const { since } = await becomes(site, 'op-a', 'up');
      await until('op-a to wait', async () => (await ruleOf('op-a')) === 'failback-wait');
      expect(await weightsOf(site, 'op-vip')).toEqual({ 'op-a': 0, 'op-b': 100 });
      await weighs(site, 'op-vip', { 'op-a': 100, 'op-b': 0 });
      expect(Date.now() - Date.parse(since)).toBeGreaterThanOrEqual(3000);
    });

    it('slowStart: the weight comes in steps', async () => {
      await applyWorld(site, a, frontend('op-vip', { only: { 'op-a': 100 } }, { slowStart: '2s' }));
      await command(site, 'op-a', 'pause');
      await command(site, 'op-a', 'resume');
      const weights: number[] = [];
      await until('the end of the slow start', async () => {
        const weight = (await weightsOf(site, 'op-vip'))['op-a'] ?? 0;
        if (weight !== (weights.at(-1) ?? 0)) weights.push(weight);
        return (await ruleOf('op-a')) === 'active';
      });
      expect(weights).toEqual([...weights].sort((one, other) => one - other));
      expect(weights.at(-1)).toBe(100);
      expect(weights.length).toBeGreaterThan(2);
    });

    it.each([
      ['drop', { 'op-a': 0, 'op-b': 0 }],
      ['keep-last', { 'op-a': 0, 'op-b': 60 }],
      ['spread', { 'op-a': 80, 'op-b': 0 }],
    ] as const)('allDown: %s says who gets traffic when nobody is up', async (allDown, weights) => {
      const [down, last] = [backend('op-a', FIRST, CHECKED), backend('op-b', SECOND, CHECKED)];
      const pools = { primary: { 'op-a': 80 }, fallback: { 'op-b': 60 } };
      await applyWorld(site, webCheck(servers.port), down, last, frontend('op-vip', pools, { allDown }));
      await weighs(site, 'op-vip', { 'op-a': 80, 'op-b': 0 });
      servers.at(FIRST).say(BROKEN);
      await weighs(site, 'op-vip', { 'op-a': 0, 'op-b': 60 });
      servers.at(SECOND).say(BROKEN);
      await becomes(site, 'op-b', 'down');
      await weighs(site, 'op-vip', weights);
    });
  });
});
