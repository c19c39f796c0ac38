import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Alarm, Resource } from '@signalbox/contracts';
import type { Problem } from '@signalbox/runtime';
import { Site, until } from '@signalbox/testing';
import type { VipClaimItem, VipPoolItem } from '../../apps/cli/src/rest/answers.js';
import type { LoadBalancerItem } from '../../apps/cli/src/rest/answers.js';
import { manifest } from './manifests.js';
import {
  backendsOf,
  balance,
  findListener,
  localNode,
  type NamedServer,
  placeOf,
  Traffic,
} from './traffic.js';

jest.setTimeout(300_000);

/** Two addresses to give: .1 and .2. */
const POOL: Resource = balance('VipPool', 'edge', { addresses: ['198.51.100.0/30'], quarantine: '1s' });

function ofProject(project: string, one: Resource): Resource {
  return { ...one, metadata: { ...one.metadata, project } };
}

describe('VIPs', () => {
  const traffic = new Traffic();
  let site: Site;
  let server: NamedServer;

  beforeAll(async () => {
    site = await Site.start();
    [server] = (await traffic.start(['a'])) as [NamedServer];
    const { status } = await apply(
      await localNode('sim'),
      ...backendsOf([server]),
      balance('Pool', 'web', { backends: { a: {} } }),
      POOL,
      balance('VipClaim', 'one', {}),
      balance('LoadBalancer', 'web', { vipClaim: 'one' }),
      balance('Listener', 'web', { loadBalancer: 'web', protocol: 'tcp', port: 80, pools: ['web'] }),
    );
    expect(status).toBe(200);
  }, 300_000);

  afterAll(async () => {
    await traffic.close();
    await site?.stop();
  }, 300_000);

  function apply(...resources: readonly Resource[]) {
    return site.rest<Problem>('POST', '/v1/apply?wait=60s', manifest(...resources));
  }

  async function remove(kind: string, name: string): Promise<void> {
    expect((await site.rest('DELETE', `/v1/resources/${kind}/${name}`)).status).toBe(200);
  }

  const claim = (name: string): Promise<VipClaimItem> => site.json('show', 'vipclaims', name);
  const pool = (name: string): Promise<VipPoolItem> => site.json('show', 'vippools', name);

  /** A claim once it has an address. */
  function leased(name: string): Promise<VipClaimItem> {
    return until(`VipClaim ${name} to have an address`, async () => {
      const found = await claim(name);
      return found.state === 'leased' && found;
    });
  }

  it('a claim gets an address, and the listeners of its load balancer serve there', async () => {
    expect(await claim('one')).toMatchObject({
      state: 'leased',
      address: '198.51.100.1',
      pool: 'edge',
      loadBalancers: ['web'],
    });
    expect(await site.json<LoadBalancerItem>('show', 'loadbalancers', 'web')).toMatchObject({
      address: '198.51.100.1',
      vipClaim: 'one',
    });
    expect(await traffic.ask(await placeOf(site, 'web'))).toBe('a');
    expect(await findListener(site, 'web')).toMatchObject({ address: '198.51.100.1' });
    expect(await pool('edge')).toMatchObject({ size: 2, used: 1, quarantined: 0, free: 1 });
  });

  it('who comes too late waits and says for what, and is served when an address comes back', async () => {
    await apply(
      balance('VipClaim', 'two', {}),
      balance('VipClaim', 'late', {}),
      balance('LoadBalancer', 'late', { vipClaim: 'late' }),
      balance('Listener', 'late', { loadBalancer: 'late', protocol: 'tcp', port: 81, pools: ['web'] }),
    );
    // of claims that come together the first by name is served
    const [held, waiting] = (await claim('late')).state === 'leased' ? ['late', 'two'] : ['two', 'late'];
    expect(await claim(held)).toMatchObject({ state: 'leased', address: '198.51.100.2' });
    const reason = 'VipPool/edge has no free address';
    expect(await claim(waiting)).toMatchObject({ state: 'waiting', code: 'vip-exhausted', reason });
    expect(await site.metrics()).toMatch(/^signalbox_vip_waiting 1$/m);
    const alarms = await site.json<readonly Alarm[]>('show', 'alarms');
    expect(alarms).toMatchObject([{ kind: 'vip-missing', name: waiting, reason: 'vip-exhausted' }]);
    await remove('LoadBalancer', 'late?cascade=true');
    await remove('VipClaim', held);
    expect(await leased(waiting)).toMatchObject({ address: '198.51.100.2' });
    expect(await pool('edge')).toMatchObject({ used: 2, quarantined: 0, free: 0 });
    await remove('VipClaim', waiting);
  });

  it('a listener without a VIP is told why no node serves it', async () => {
    await apply(
      balance('VipPool', 'small', { addresses: ['203.0.113.7'], autoAssign: false, quarantine: '1s' }),
      balance('VipClaim', 'first', { pool: 'small' }),
    );
    await apply(
      balance('VipClaim', 'second', { pool: 'small' }),
      balance('LoadBalancer', 'second', { vipClaim: 'second' }),
      balance('Listener', 'second', { loadBalancer: 'second', protocol: 'tcp', port: 82, pools: ['web'] }),
    );
    const reason = 'VipPool/small has no free address';
    expect(await findListener(site, 'second')).toMatchObject({
      provisioningStatus: 'unplaced',
      provisioningReason: reason,
    });
    expect(await findListener(site, 'second')).not.toHaveProperty('address');
    await remove('VipClaim', 'first');
    await until('the second to be served', async () => {
      const { address, nodes } = await findListener(site, 'second');
      return address === '203.0.113.7' && nodes.some(({ current }) => current);
    });
  });

  it('a written address of a pool is a claim: it is never given away, and waits when somebody has it', async () => {
    const written = balance('LoadBalancer', 'written', { address: '198.51.100.1' });
    await apply(written, balance('Listener', 'written', { ...LISTENER, port: 83 }));
    expect(await findListener(site, 'written')).toMatchObject({
      provisioningStatus: 'unplaced',
      provisioningReason: '198.51.100.1 is held by VipClaim/one',
    });
    await placeOf(site, 'web');
    await remove('LoadBalancer', 'written?cascade=true');
  });

  it('bad pools and claims are refused with code and place, and what worked goes on', async () => {
    const overlapping = await apply(
      balance('VipPool', 'other', { addresses: ['198.51.100.2-198.51.100.9'] }),
    );
    expect(overlapping).toMatchObject({ status: 422, body: { code: 'validation-failed' } });
    expect(JSON.stringify(overlapping.body)).toContain('/spec/addresses/0');
    const shared = await apply(
      balance('VipClaim', 'x', { address: '198.51.100.2' }),
      ofProject('lab', balance('VipClaim', 'x', { address: '198.51.100.2' })),
    );
    expect(shared).toMatchObject({ status: 422 });
    expect(JSON.stringify(shared.body)).toContain('198.51.100.2 is asked for in another project');
    expect(await claim('one')).toMatchObject({ state: 'leased', address: '198.51.100.1' });
  });

  it('leases outlive a restart, also that of the database, and say what their records say', async () => {
    const before = [await claim('one'), await claim('second'), await pool('edge'), await pool('small')];
    await site.shutDown();
    await site.up();
    expect([await claim('one'), await claim('second'), await pool('edge'), await pool('small')]).toEqual(
      before,
    );
    expect(await site.differences()).toBe('');
  });

  it('a kill -9 in the middle of a thousand claims gives no address twice and loses none', async () => {
    const names = Array.from({ length: 1000 }, (_, at) => `many-${at}`);
    const { status } = await site.rest(
      'POST',
      '/v1/apply?wait=0s',
      manifest(
        balance('VipPool', 'many', { addresses: ['10.200.0.0/22'], autoAssign: false }),
        ...names.map((name) => balance('VipClaim', name, { pool: 'many' })),
      ),
    );
    expect(status).toBeLessThan(300);
    await site.kill();
    await site.up();
    const claims = await until('all to have an address', async () => {
      const all = (await site.all<VipClaimItem>('/v1/vipclaims')).filter(({ name }) =>
        name.startsWith('many-'),
      );
      return all.length === names.length && all.every(({ state }) => state === 'leased') && all;
    });
    expect(new Set(claims.map(({ address }) => address)).size).toBe(names.length);
    expect(await pool('many')).toMatchObject({ size: 1022, used: 1000, quarantined: 0, free: 22 });
    expect(await claim('one')).toMatchObject({ address: '198.51.100.1' });
    expect(await site.differences()).toBe('');
  });
});

const LISTENER = { loadBalancer: 'written', protocol: 'tcp', pools: ['web'] };
