import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { BALANCE_API, type FrontendRecord, type Resource, SUBJECTS } from '@signalbox/contracts';
import { type RawNats, Site, until } from '@signalbox/testing';
import type { Problem } from '@signalbox/runtime';
import type { ApplyAnswer } from '../../apps/cli/src/rest/answers.js';
import { backend, command, frontend, readRecord } from './balance-site.js';
import { manifest, resource } from './manifests.js';
import { findListener } from './traffic.js';

jest.setTimeout(300_000);

const balance = (kind: string, name: string, spec: object): Resource =>
  resource(BALANCE_API, kind, name, spec);
const balancer = (name: string, address: string): Resource => balance('LoadBalancer', name, { address });
const listener = (name: string, port: number, pools: readonly string[], change: object = {}): Resource =>
  balance('Listener', name, { loadBalancer: 'shop', protocol: 'tcp', port, pools, ...change });

describe('LoadBalancers, Listeners and Pools', () => {
  let site: Site;
  let nats: RawNats;

  beforeAll(async () => {
    site = await Site.start();
    nats = await site.rawNats();
  }, 300_000);

  afterAll(async () => {
    nats?.close();
    await site?.stop();
  }, 300_000);

  const apply = (...resources: Resource[]) =>
    site.rest<ApplyAnswer>('POST', '/v1/apply', manifest(...resources));
  const remove = (path: string, query = '') =>
    site.rest<ApplyAnswer & Problem>('DELETE', `/v1/resources/${path}${query}`);
  const members = (pool: string, list: readonly object[]) =>
    site.rest<ApplyAnswer & Problem>('PUT', `/v1/pools/${pool}/members`, { members: list });
  const stands = async (path: string): Promise<boolean> =>
    (await site.rest('GET', `/v1/resources/${path}`)).status === 200;

  /** The newest record of a listener. */
  async function newest(name: string): Promise<FrontendRecord> {
    return readRecord<FrontendRecord>(nats, SUBJECTS.frontendActivity(name));
  }

  /** Pools of a listener as people see them, but for times. */
  async function poolsOf(name: string): Promise<readonly object[]> {
    const { pools } = await findListener(site, name);
    return pools.map(({ name: pool, backends }) => ({
      pool,
      backends: backends.map(({ name: member, weight, effective, why }) => ({
        member,
        weight,
        effective,
        why,
      })),
    }));
  }

  async function weightsOf(name: string): Promise<Record<string, number>> {
    const { pools } = await findListener(site, name);
    return Object.fromEntries(
      pools.flatMap(({ name: pool, backends }) =>
        backends.map(({ name: member, effective }) => [`${pool}/${member}`, effective]),
      ),
    );
  }

  it('are decided like a Frontend, tier by tier', async () => {
    const backends = ['n1', 'n2', 'n3'].map((name, at) => backend(name, `10.0.0.${at + 1}`, { port: 80 }));
    const { status } = await apply(
      ...backends,
      balancer('shop', '192.0.2.10'),
      balance('Pool', 'first', { backends: { n1: { weight: 50 } } }),
      balance('Pool', 'spare', {}),
      balance('PoolMember', 'pool/first/n2', { poolRef: 'first', backendRef: 'n2' }),
      balance('PoolMember', 'pool/spare/n3', { poolRef: 'spare', backendRef: 'n3', weight: 7 }),
      listener('web', 80, ['first', 'spare']),
      frontend('twin', { first: { n1: 50, n2: 100 }, spare: { n3: 7 } }, { address: '192.0.2.11' }),
    );
    expect(status).toBe(200);
    expect(await newest('web')).toMatchObject({ to: 'up', activePool: 'first' });
    expect(await weightsOf('web')).toEqual({ 'first/n1': 50, 'first/n2': 100, 'spare/n3': 0 });
    expect(await poolsOf('twin')).toEqual(await poolsOf('web'));
    for (const name of ['n1', 'n2']) await command(site, name, 'disable');
    await until('the spare pool to serve', async () => (await newest('web')).activePool === 'spare');
    expect(await weightsOf('web')).toMatchObject({ 'spare/n3': 7 });
    for (const name of ['n1', 'n2']) await command(site, name, 'enable');
    await until('the first pool to serve', async () => (await newest('web')).activePool === 'first');
  });

  it('whose members are replaced by a batch change as a whole or not at all', async () => {
    const many = Array.from({ length: 1000 }, (_, at) =>
      backend(`m${at}`, `10.9.${at >> 8}.${at & 255}`, { port: 80 }),
    );
    expect(await apply(...many)).toMatchObject({ body: { changed: true } });
    const list = many.map(({ metadata }) => ({ backendRef: metadata.name, weight: 1 }));
    const bad = list
      .with(3, { backendRef: 'm3', weight: 101 })
      .with(500, { backendRef: 'nowhere', weight: 1 })
      .with(999, { backendRef: 'm0', weight: 1 });
    const before = await newest('web');
    const refused = await members('first', bad);
    expect(refused).toMatchObject({ status: 422, body: { code: 'validation-failed' } });
    expect(refused.body.errors?.map(({ pointer }) => pointer).sort()).toEqual([
      '/members/3/weight',
      '/members/500/backendRef',
      '/members/999/backendRef',
    ]);
    expect([await stands('PoolMember/pool%2Ffirst%2Fm1'), await newest('web')]).toEqual([false, before]);

    const { body } = await members('first', list);
    expect(body.plan.filter(({ action }) => action === 'added')).toHaveLength(1000);
    expect(body.plan.filter(({ action }) => action === 'removed')).toMatchObject([{ name: 'pool/first/n2' }]);
    await until('a thousand targets', async () => (await newest('web')).targets.length === 1000);
    expect(await members('first', list)).toMatchObject({ status: 200, body: { changed: false } });
    expect(await members('first', [])).toMatchObject({ status: 200, body: { changed: true } });
    expect(await members('none', [])).toMatchObject({ status: 404, body: { code: 'not-found' } });
  });

  it('what is in use stays unless all that only serves it goes', async () => {
    await apply(listener('tls', 443, ['first']), balancer('other', '192.0.2.12'));
    await apply(listener('far', 80, ['spare'], { loadBalancer: 'other' }));
    const refused = await remove('LoadBalancer/shop');
    expect(refused).toMatchObject({ status: 422, body: { code: 'reference-missing' } });
    expect(refused.body.detail).toContain('with cascade (cascade=true, --cascade)');
    expect(await remove('Pool/first')).toMatchObject({ status: 422, body: { code: 'reference-missing' } });
    expect(await remove('Backend/n1', '?cascade=true')).toMatchObject({ status: 422 });

    const { code, stdout } = await site.cli('delete', 'LoadBalancer', 'shop', '--cascade');
    expect({ code, gone: stdout.match(/^- \S+/gm)?.sort() }).toEqual({
      code: 0,
      gone: ['- Listener/tls', '- Listener/web', '- LoadBalancer/shop', '- Pool/first'],
    });
    for (const left of ['Pool/spare', 'PoolMember/pool%2Fspare%2Fn3', 'Backend/n1', 'Listener/far'])
      expect([left, await stands(left)]).toEqual([left, true]);
    await until('the record that web is gone', async () => (await newest('web')).to === 'removed');
  });

  it.each<[string, Resource[], string, string]>([
    [
      'a VIP and port twice',
      [listener('again', 80, ['spare'], { loadBalancer: 'other' })],
      '/0/spec/port',
      'already serves',
    ],
    [
      'a name that a Frontend has',
      [listener('twin', 81, ['spare'], { loadBalancer: 'other' })],
      '/0/metadata/name',
      'twin',
    ],
    [
      'a pool that is not there',
      [listener('new', 81, ['gone'], { loadBalancer: 'other' })],
      '/0/spec/pools/0',
      'Pool/gone',
    ],
    [
      'a circle of references',
      [backend('c1', '10.0.1.1', { dependsOn: ['c2'] }), backend('c2', '10.0.1.2', { dependsOn: ['c1'] })],
      '/0/spec/dependsOn/0',
      'c1 → c2 → c1',
    ],
  ])('%s is refused with its pointer', async (_what, resources, pointer, message) => {
    const { status, body } = await site.rest<Problem>('POST', '/v1/apply', manifest(...resources));
    expect(status).toBe(422);
    expect(body.errors?.[0]).toMatchObject({ pointer, message: expect.stringContaining(message) });
  });
});
