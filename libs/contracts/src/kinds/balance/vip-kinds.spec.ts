import { describe, expect, it } from '@jest/globals';
import { CodedError } from '../../errors.js';
import { checkSet } from '../../references.js';
import { keyOf, refOf, refText, type Resource } from '../../resource.js';
import { validateResource } from '../../validate.js';
import { BALANCE_API } from './specs.js';
import { VipPoolIndex } from './vip-pool-index.js';
import { sizeOf, vipPoolModel } from './vip-pool-model.js';

function resource(kind: string, name: string, spec: object, project = 'default'): Resource {
  const metadata = project === 'default' ? { name } : { name, project };
  return { apiVersion: BALANCE_API, kind, metadata, spec: spec as Resource['spec'] };
}

function pool(name: string, addresses: readonly string[], change: object = {}): Resource {
  return resource('VipPool', name, { addresses, ...change });
}

function claim(name: string, spec: object = {}, project = 'default'): Resource {
  return resource('VipClaim', name, spec, project);
}

function loadBalancer(name: string, spec: object, project = 'default'): Resource {
  return resource('LoadBalancer', name, spec, project);
}

/** What is wrong with a resource alone, as `pointer message`. */
function wrong(one: Resource): string[] {
  try {
    validateResource(one);
    return [];
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return error.errors.map(({ pointer, message }) => `${pointer} ${message}`);
  }
}

/** What is wrong with these together, as `kind/name pointer message`. */
function wrongTogether(...all: readonly Resource[]): string[] {
  for (const one of all) expect(wrong(one)).toEqual([]);
  const found = checkSet(new Map(all.map((one) => [keyOf(one), one])), all.map(refOf));
  return found.flatMap(({ ref, errors }) =>
    errors.map(({ pointer, message }) => `${refText(ref)} ${pointer} ${message}`),
  );
}

const LISTENER = { protocol: 'tcp', port: 80, pools: ['p'] };
const POOL = resource('Pool', 'p', {});

describe('VipPool', () => {
  it.each([
    [['192.0.2.7/24'], '/spec/addresses/0 has bits behind its prefix: write 192.0.2.0/24'],
    [['192.0.2.0/24', '192.0.2'], /^\/spec\/addresses\/1 must be a prefix such as/],
    [['192.0.2.9-192.0.2.1'], '/spec/addresses/0 ends before it begins'],
    [[], /^\/spec\/addresses /],
  ])('%j', (addresses, error) => {
    const [first = ''] = wrong(pool('edge', addresses));
    expect(first).toMatch(error);
  });

  it('stands in the project default', () => {
    const [first = ''] = wrong(resource('VipPool', 'edge', { addresses: ['192.0.2.0/24'] }, 'lab'));
    expect(first).toContain('/metadata/project');
  });

  it('no two overlap, whichever is asked', () => {
    expect(
      wrongTogether(
        pool('a', ['192.0.2.0/24', '198.51.100.0/24']),
        pool('b', ['192.0.2.128-192.0.2.140']),
        pool('c', ['203.0.113.0/24', '203.0.113.7']),
      ),
    ).toEqual([
      'VipPool/a /spec/addresses/0 overlaps 192.0.2.128-192.0.2.140 of VipPool/b: an address has one pool',
      'VipPool/b /spec/addresses/0 overlaps 192.0.2.0-192.0.2.255 of VipPool/a: an address has one pool',
      'VipPool/c /spec/addresses/0 overlaps 203.0.113.7-203.0.113.7 of entry 1: an address has one pool',
      'VipPool/c /spec/addresses/1 overlaps 203.0.113.0-203.0.113.255 of entry 0: an address has one pool',
    ]);
  });

  it('finds the pool of an address', () => {
    const index = new VipPoolIndex(
      [
        pool('a', ['192.0.2.0/25', '2001:db8::/64']),
        pool('b', ['192.0.2.128/25']),
        pool('c', ['10.0.0.7']),
      ].map(vipPoolModel),
    );
    const names = [
      '192.0.2.0',
      '192.0.2.127',
      '192.0.2.128',
      '192.0.3.0',
      '10.0.0.7',
      '10.0.0.8',
      '2001:db8::1',
      '2001:db9::',
      'edge',
    ].map((address) => index.poolOf(address)?.name);
    expect(names).toEqual(['a', 'a', 'b', undefined, 'c', undefined, 'a', undefined, undefined]);
  });

  it.each([
    [['192.0.2.0/24'], {}, 254n],
    [['192.0.2.0/31'], {}, 2n],
    [['192.0.2.0/24'], { avoidNetworkAndBroadcast: false }, 256n],
    [['192.0.2.0-192.0.2.255'], {}, 256n],
    [['2001:db8::/64'], {}, 2n ** 64n - 1n],
    [['192.0.2.1', '192.0.2.8/30'], {}, 3n],
  ])('%j %j has %s addresses to give', (addresses, change, size) =>
    expect(sizeOf(vipPoolModel(pool('edge', addresses, change)))).toBe(size),
  );
});

describe('VipClaim', () => {
  const EDGE = pool('edge', ['192.0.2.0/24'], { projects: ['default', 'lab'] });

  it('fits', () =>
    expect(
      wrongTogether(
        EDGE,
        claim('a'),
        claim('b', { pool: 'edge', address: '192.0.2.7' }, 'lab'),
        claim('c', { family: 'ipv4' }),
      ),
    ).toEqual([]));

  it.each([
    [
      claim('a', { pool: 'core' }),
      'VipClaim/a /spec/pool there is no VipPool/core that serves project default: declare it, let it serve the project, or correct the name',
    ],
    [
      claim('a', { pool: 'edge' }, 'shop'),
      'VipClaim/shop/a /spec/pool there is no VipPool/edge that serves project shop: declare it, let it serve the project, or correct the name',
    ],
    [
      claim('a', {}, 'shop'),
      'VipClaim/shop/a /spec no VipPool hands out addresses in project shop: declare one, or name its address',
    ],
    [
      claim('a', { address: '198.51.100.1' }),
      'VipClaim/a /spec/address 198.51.100.1 is an address of no VipPool that serves project default: correct it, or write it in the LoadBalancer',
    ],
    [
      claim('a', { address: '198.51.100.1', pool: 'edge' }),
      'VipClaim/a /spec/address 198.51.100.1 is no address of VipPool/edge',
    ],
    [
      claim('a', { address: '192.0.2.255' }),
      'VipClaim/a /spec/address 192.0.2.255 is the network or broadcast address of a prefix of VipPool/edge, which avoids these',
    ],
    [
      claim('a', { family: 'ipv6' }),
      'VipClaim/a /spec no VipPool hands out ipv6 addresses in project default: declare one, or name its address',
    ],
    [
      claim('a', { family: 'ipv6', pool: 'edge' }),
      'VipClaim/a /spec/family VipPool/edge has no ipv6 addresses',
    ],
  ])('%j', (one, error) => expect(wrongTogether(EDGE, one)).toEqual([error]));

  it('names the family of its address or none', () =>
    expect(wrong(claim('a', { address: '192.0.2.7', family: 'ipv6' }))).toEqual([
      '/spec/family is not the family of 192.0.2.7: leave it out',
    ]));

  it('two that do not share cannot ask for one address, and see no names of other projects', () => {
    const address = '192.0.2.7';
    expect(wrongTogether(EDGE, claim('a', { address }), claim('b', { address }))).toEqual([
      'VipClaim/a /spec/address 192.0.2.7 is asked for by VipClaim/b, which does not share it: choose another address',
      'VipClaim/b /spec/address 192.0.2.7 is asked for by VipClaim/a, which does not share it: choose another address',
    ]);
    const shared = { address, sharingKey: 'web' };
    expect(wrongTogether(EDGE, claim('a', shared), claim('b', shared))).toEqual([]);
    expect(wrongTogether(EDGE, claim('a', shared), claim('b', shared, 'lab'))).toEqual([
      'VipClaim/a /spec/address 192.0.2.7 is asked for in another project: choose another address',
      'VipClaim/lab/b /spec/address 192.0.2.7 is asked for in another project: choose another address',
    ]);
    expect(wrongTogether(EDGE, claim('a', { address }), loadBalancer('b', { address }))).toHaveLength(2);
  });
});

describe('a written address inside a pool', () => {
  it('is of the projects that the pool serves, also when the pool comes later', () => {
    const web = loadBalancer('web', { address: '192.0.2.7' }, 'shop');
    expect(wrongTogether(web)).toEqual([]);
    expect(wrongTogether(pool('edge', ['192.0.2.0/24'], { projects: ['lab'] }), web)).toEqual([
      'VipPool/edge /spec/projects LoadBalancer/shop/web has 192.0.2.7 of it, and it does not serve project shop',
      'LoadBalancer/shop/web /spec/address 192.0.2.7 is not handed out in project shop: choose another address',
    ]);
  });
});

describe('LoadBalancer', () => {
  it('has an address or a claim', () => {
    expect(wrong(loadBalancer('web', {}))).toEqual([
      '/spec/address is required, unless vipClaim names a VipClaim that gets an address',
    ]);
    expect(wrong(loadBalancer('web', { address: '192.0.2.1', vipClaim: 'a' }))).toEqual([
      '/spec/vipClaim stands beside an address: name one of the two',
    ]);
    expect(wrongTogether(loadBalancer('web', { vipClaim: 'a' }))).toEqual([
      'LoadBalancer/web /spec/vipClaim VipClaim/a does not exist: declare it or correct the name',
    ]);
  });

  it('two of one claim, or of claims with one sharing key, do not serve one port', () => {
    const edge = pool('edge', ['192.0.2.0/24']);
    const listener = (name: string): Resource =>
      resource('Listener', name, { ...LISTENER, loadBalancer: name });
    const same = [loadBalancer('a', { vipClaim: 'c' }), loadBalancer('b', { vipClaim: 'c' })];
    expect(wrongTogether(edge, POOL, claim('c'), ...same, listener('a'), listener('b'))).toEqual([
      'Listener/a /spec/port Listener/b already serves tcp port 80 of VipClaim/c',
      'Listener/b /spec/port Listener/a already serves tcp port 80 of VipClaim/c',
    ]);
    const [first, second] = [claim('c', { sharingKey: 'k' }), claim('d', { sharingKey: 'k' })];
    const sharing = [loadBalancer('a', { vipClaim: 'c' }), loadBalancer('b', { vipClaim: 'd' })];
    expect(wrongTogether(edge, POOL, first, second, ...sharing, listener('a'), listener('b'))).toHaveLength(
      2,
    );
    expect(wrongTogether(edge, POOL, first, claim('d'), ...sharing, listener('a'), listener('b'))).toEqual(
      [],
    );
  });
});
