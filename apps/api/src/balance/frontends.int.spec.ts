import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SUBJECTS, type WeightRequest } from '@signalbox/contracts';
import { backendsProjection, frontendsProjection } from '@signalbox/store';
import type { SiteContext } from '../start/context-file.js';
import { type Answer, ApiSite } from '../testing/api-site.fixture.js';
import { AT, BalanceCast, configured, target } from '../testing/balance.fixture.js';
import { paged } from '../testing/paged.fixture.js';
import type { FrontendDto, FrontendTargetDto } from './frontends.dto.js';

const START_MS = 300_000;
const WEIGHT = '/v1/frontends/web/pools/primary/backends/b1/weight';
let site: ApiSite;
let cast: BalanceCast;

const send = <T = FrontendDto>(method: string, path: string, body?: unknown): Promise<Answer<T>> =>
  site.call<T>(path, {
    method,
    ...(body !== undefined && {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    }),
  });
const member = ({ pools }: FrontendDto, name: string): FrontendTargetDto | undefined =>
  pools.flatMap(({ backends }) => backends).find((one) => one.name === name);

beforeAll(async () => {
  site = await ApiSite.create();
  await site.boot();
  const file = join(site.config.stateDir, 'context.json');
  site.useContext(JSON.parse(readFileSync(file, 'utf8')) as SiteContext);
  cast = await BalanceCast.start(site);
  const pools = [{ name: 'primary', backends: { b2: {}, b1: { weight: 50 } } }, { name: 'fallback' }];
  const plain = { address: '192.0.2.2', pools: [{ name: 'only' }] };
  await cast.configure(
    configured('Frontend', 'web', {
      description: 'the shop',
      address: '192.0.2.1',
      protocol: 'tcp',
      port: 443,
      flushOnDown: false,
      failbackDelay: '30s',
      allDown: 'spread',
      pools,
    }),
    configured('Frontend', 'plain', plain),
    configured('Frontend', 'zulu', plain, { part: { source: 's', generation: 3 } }),
    configured('Frontend', 'unrecorded', plain),
  );
  await cast.backend('b1', 'up');
  await cast.readable(backendsProjection, await cast.backend('b2', 'disabled'));
  const { address: _none, ...missing } = target('fallback', 'b9', 0);
  await cast.frontend('web', {
    targets: [target('fallback', 'b3', 0), target('primary', 'b1'), target('primary', 'b2', 0), missing],
  });
  for (const name of ['plain', 'zulu', 'unconfigured']) await cast.frontend(name, { activePool: 'only' });
  const gone = [{ pool: 'fallback', backend: 'b3' }];
  const targets = [target('fallback', 'b4', 0)];
  await cast.readable(frontendsProjection, await cast.frontend('web', { targets, gone }));
}, START_MS);
afterAll(async () => {
  await cast.stop();
  await site.destroy();
}, START_MS);

describe('frontends', () => {
  it('are those that are configured and recorded, by name, page by page', async () => {
    const items = await paged<FrontendDto>(site, '/v1/frontends', 1);
    expect(items.map(({ name }) => name)).toEqual(['plain', 'web', 'zulu']);
    expect(items[2]?.origin).toEqual({ part: { source: 's', generation: 3 } });
  });

  it('show pools in the order of the config, written members first, with the why of every weight', async () => {
    const { status, body } = await site.call<FrontendDto>('/v1/frontends/web');
    expect(status).toBe(200);
    const why = (text: string): object => ({ rule: text === 'effective 100' ? 'active' : 'standby', text });
    const common = { address: '10.0.0.1', weight: 100, flush: false, since: AT };
    expect(body).toEqual({
      name: 'web',
      description: 'the shop',
      address: '192.0.2.1',
      protocol: 'tcp',
      port: 443,
      state: 'up',
      since: AT,
      activePool: 'primary',
      srcIpSticky: false,
      flushOnDown: false,
      failbackDelay: '30s',
      allDown: 'spread',
      pools: [
        {
          name: 'primary',
          backends: [
            {
              ...common,
              name: 'b2',
              state: 'disabled',
              enabled: false,
              effective: 0,
              why: why('effective 0'),
            },
            { ...common, name: 'b1', state: 'up', enabled: true, effective: 100, why: why('effective 100') },
          ],
        },
        {
          name: 'fallback',
          backends: [
            { ...common, name: 'b4', state: 'missing', enabled: true, effective: 0, why: why('effective 0') },
            {
              name: 'b9',
              state: 'missing',
              enabled: true,
              weight: 100,
              effective: 0,
              flush: false,
              since: AT,
              why: why('effective 0'),
            },
          ],
        },
      ],
      origin: { revision: 7 },
    });
  });

  it('have defaults filled in', async () => {
    expect((await site.call('/v1/frontends/plain')).body).toMatchObject({
      description: '',
      protocol: 'any',
      port: 0,
      srcIpSticky: false,
      flushOnDown: true,
      pools: [{ name: 'only', backends: [] }],
    });
  });

  it.each(['none', 'unrecorded', 'unconfigured'])('say what is missing: %s', async (name) => {
    expect(await site.call(`/v1/frontends/${name}`)).toMatchObject({
      status: 404,
      body: { code: 'not-found' },
    });
  });
});

describe('a weight', () => {
  it('is answered 503 when nobody decides', async () => {
    expect(await send('PUT', WEIGHT, { weight: 1 })).toMatchObject({
      status: 503,
      body: { code: 'not-ready' },
    });
  });

  describe('with balancer', () => {
    let seen: WeightRequest[];
    beforeAll(() => {
      seen = cast.playWeights();
    });

    it('is readable when it is answered, with who set it and why', async () => {
      for (let weight = 0; weight <= 20; weight += 1) {
        const { status, body } = await send('PUT', WEIGHT, { weight, reason: `try ${weight}` });
        expect(status).toBe(200);
        expect(member(body, 'b1')).toMatchObject({
          weight,
          effective: weight,
          override: { weight, author: 'first-start', reason: `try ${weight}`, at: AT },
        });
      }
    });

    it('may end by itself', async () => {
      const before = Date.now();
      const { body } = await send('PUT', WEIGHT, { weight: 7, expiresIn: '1h30m' });
      const { expiresAt = '' } = member(body, 'b1')?.override ?? {};
      expect(Date.parse(expiresAt)).toBeGreaterThanOrEqual(before + 5_400_000);
      expect(Date.parse(expiresAt)).toBeLessThanOrEqual(Date.now() + 5_400_000);
      expect(seen.at(-1)).toMatchObject({
        frontend: 'web',
        pool: 'primary',
        backend: 'b1',
        weight: 7,
        author: 'first-start',
        expiresAt,
      });
    });

    it('goes back to that of the config', async () => {
      const { status, body } = await send('DELETE', WEIGHT, { reason: 'done' });
      expect(status).toBe(200);
      expect(member(body, 'b1')).toMatchObject({ weight: 100 });
      expect(member(body, 'b1')).not.toHaveProperty('override');
      expect(seen.at(-1)).toMatchObject({ weight: null, reason: 'done' });
      expect((await send('DELETE', WEIGHT)).status).toBe(200);
    });

    it('is refused for a frontend that is not there', async () => {
      const path = WEIGHT.replace('/web/', '/none/');
      expect(await send('PUT', path, { weight: 1 })).toMatchObject({
        status: 404,
        body: { code: 'not-found' },
      });
      expect(await send('DELETE', path)).toMatchObject({ status: 404 });
    });

    it.each([
      [{ weight: 101 }, '/weight'],
      [{ weight: -1 }, '/weight'],
      [{ weight: 1.5 }, '/weight'],
      [{ weight: '5' }, '/weight'],
      [{ weight: null }, '/weight'],
      [undefined, '/weight'],
      [{ weight: 1, expiresIn: '0s' }, '/expiresIn'],
      [{ weight: 1, expiresIn: '90' }, '/expiresIn'],
      [{ weight: 1, expiresIn: '99999999h' }, '/expiresIn'],
      [{ weight: 1, expiresIn: 5 }, '/expiresIn'],
    ])('is refused with the body %j', async (body, pointer) => {
      const before = seen.length;
      expect(await send('PUT', WEIGHT, body)).toMatchObject({
        status: 422,
        body: { code: 'validation-failed', errors: [{ pointer }] },
      });
      expect(seen).toHaveLength(before);
    });

    it('is answered 202 while its record cannot be read', async () => {
      cast.leave(SUBJECTS.command('balancer', 'weight'));
      cast.answer(SUBJECTS.command('balancer', 'weight'), () => ({ seq: 1_000_000 }));
      expect(await send('PUT', WEIGHT, { weight: 9 })).toMatchObject({ status: 202, body: { name: 'web' } });
    });
  });
});
