import { describe, expect, it } from '@jest/globals';
import { BALANCE_API, canonicalJson, poolMemberName, type Resource } from '@signalbox/contracts';
import { KIND_RULES } from './kind-rules.js';
import { livePartsOf, startupOf } from './history.fixture.js';
import { mergeFromScratch } from './merge-from-scratch.js';
import { EMPTY_SNAPSHOT } from './model-snapshot.js';
import { mask, policy } from './resources.fixture.js';
import {
  declared,
  deleted,
  type Happening,
  proposed,
  restarted,
  Scenario,
  sourceOf,
} from './scenario.fixture.js';

const frontend = (name: string, address = '192.0.2.1', port = 80): Resource => ({
  apiVersion: BALANCE_API,
  kind: 'Frontend',
  metadata: { name },
  spec: { address, protocol: 'tcp', port, pools: [{ name: 'primary' }] },
});
const made = (kind: string, name: string, spec: Resource['spec']): Resource => ({
  apiVersion: BALANCE_API,
  kind,
  metadata: { name },
  spec,
});
const backend = (name: string, address: string): Resource => made('Backend', name, { address, port: 8080 });
const member = (name: string): Resource => {
  const spec = { poolRef: 'shops', backendRef: name };
  return made('PoolMember', poolMemberName(spec), spec);
};
const POOL = made('Pool', 'shops', {});
const BALANCER = made('LoadBalancer', 'shop', { address: '192.0.2.1' });
const LISTENER = made('Listener', 'shop', {
  ...{ loadBalancer: 'shop', protocol: 'tcp', port: 80 },
  pools: ['shops'],
});

/** A site with the rules of the real kinds; after each step it is what a merge from scratch gives. */
function given(...happenings: readonly Happening[]): Scenario {
  const site = new Scenario(EMPTY_SNAPSHOT, KIND_RULES);
  for (const happening of happenings) whenIn(site, happening);
  return site;
}

function whenIn(site: Scenario, happening: Happening): ReturnType<Scenario['when']> {
  const records = site.when(happening);
  const merged = mergeFromScratch(startupOf(site.log), livePartsOf(site.log), site.nowMs, KIND_RULES);
  expect(canonicalJson(site.model.render())).toBe(canonicalJson(merged.resources));
  expect(site.model.quarantinedParts()).toEqual(merged.quarantined);
  return records;
}

const by = (owner: string, ...resources: readonly Resource[]): Happening =>
  proposed({ by: owner, resources });

describe('rules over several resources', () => {
  it('D17 a part that serves what is served already is rejected, and the first keeps it', () => {
    const site = given(by('a', frontend('web')));
    expect(whenIn(site, by('b', frontend('shop')))).toMatchObject([
      {
        type: 'rejected',
        error: {
          code: 'part-invalid',
          message: 'Frontend/shop: /spec/address Frontend/web already serves tcp port 80 of 192.0.2.1',
          errors: [{ pointer: '/resources/0/spec/address' }],
        },
      },
    ]);
    expect(whenIn(site, by('b', frontend('shop', '192.0.2.2')))).toMatchObject([{ type: 'accepted' }, {}]);
    expect(whenIn(site, by('b', frontend('shop')))).toMatchObject([{ type: 'rejected' }]);
    expect(site.names()).toEqual(['Frontend/shop', 'Frontend/web']);
  });

  it('D17 a part is rejected for what it breaks with what people declared, and within itself', () => {
    const site = given(declared(frontend('web')));
    expect(whenIn(site, by('b', frontend('shop')))).toMatchObject([{ type: 'rejected' }]);
    expect(whenIn(site, by('b', frontend('one', '192.0.2.7'), frontend('two', '192.0.2.7')))).toMatchObject([
      { type: 'rejected', error: { errors: [{}, {}] } },
    ]);
  });

  it('D15 what people declare later holds the part back, alone, until it is gone; also over a restart', () => {
    const site = given(by('a', frontend('web')), by('b', frontend('shop', '192.0.2.2')));
    const held = { source: sourceOf({ by: 'a' }) };
    expect(whenIn(site, declared(frontend('ours')))).toMatchObject([
      { type: 'quarantined', ...held, reason: expect.stringContaining('Frontend/ours already serves') },
      { added: [{ resource: { metadata: { name: 'ours' } } }], removed: [{ name: 'web' }] },
    ]);
    whenIn(site, restarted());
    expect(site.names()).toEqual(['Frontend/ours', 'Frontend/shop']);
    expect(whenIn(site, deleted(frontend('ours')))).toMatchObject([{ type: 'restored', ...held }, {}]);
  });

  it('D15 of two parts that a change sets against each other the younger one is held back', () => {
    const listener = (name: string): Resource =>
      made('Listener', name, { loadBalancer: name, protocol: 'tcp', port: 80, pools: ['shops'] });
    const balancer = (name: string, address: string): Resource => made('LoadBalancer', name, { address });
    const site = given(
      declared(POOL, balancer('one', '192.0.2.1'), balancer('two', '192.0.2.2')),
      by('a', listener('one')),
      by('b', listener('two')),
    );
    const held = { source: sourceOf({ by: 'b' }) };
    expect(whenIn(site, declared(balancer('one', '192.0.2.2')))).toMatchObject([
      { type: 'quarantined', ...held },
      {},
    ]);
    expect(whenIn(site, declared(balancer('one', '192.0.2.3')))).toMatchObject([
      { type: 'restored', ...held },
      {},
    ]);
  });

  it('D8 a part may bring what takes the place of what it masks', () => {
    const web = frontend('web');
    const allowed = policy('allowed', ['EventSubscription/a'], [web]);
    const site = given(declared(web, allowed));
    whenIn(site, proposed({ by: 'a', resources: [frontend('shop')], directives: [mask(web)] }));
    expect(site.names()).toEqual(['Frontend/shop', 'DynamicOverridePolicy/allowed']);
    expect(whenIn(site, by('b', frontend('other')))).toMatchObject([{ type: 'rejected' }]);
  });

  it('D17 no two parts bring one address into a pool, nor another family than people did', () => {
    const site = given(declared(POOL, BALANCER, LISTENER, backend('n0', '10.0.0.9'), member('n0')));
    whenIn(site, by('a', backend('n1', '10.0.0.1'), member('n1')));
    expect(whenIn(site, by('b', backend('n2', '10.0.0.1'), member('n2')))).toMatchObject([
      { type: 'rejected', error: { message: expect.stringContaining('has the address 10.0.0.1:8080') } },
    ]);
    expect(whenIn(site, by('b', backend('n2', 'fd00::1'), member('n2')))).toMatchObject([
      { type: 'rejected', error: { message: expect.stringContaining('must be of one family') } },
    ]);
    expect(whenIn(site, by('b', backend('n2', '10.0.0.2'), member('n2')))).toMatchObject([
      { type: 'accepted' },
      {},
    ]);
  });
});

describe('cost', () => {
  it('of one more member of a pool of 400 parts is what is near it', () => {
    const site = new Scenario(EMPTY_SNAPSHOT, KIND_RULES);
    site.when(declared(POOL, BALANCER, LISTENER));
    const part = (n: number): Happening =>
      proposed({
        ...{ by: 'a', about: [`${n}`] },
        resources: [backend(`n${n}`, `10.0.${n >> 8}.${n & 255}`), member(`n${n}`)],
      });
    for (let n = 0; n < 400; n += 1) site.when(part(n));
    let seen = 0;
    const setRules = KIND_RULES.setRules.map((rule) => ({
      ...rule,
      over: (resources: Iterable<Resource>, ...rest: [Parameters<typeof rule.over>[1]]) => {
        const all = [...resources];
        seen += all.length;
        return rule.over(all, ...rest);
      },
    }));
    site.rules = { ...KIND_RULES, setRules };
    site.when(restarted());
    seen = 0;
    site.when(part(200));
    expect(seen).toBeGreaterThan(0);
    expect(seen).toBeLessThan(20);
  });
});
