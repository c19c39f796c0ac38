import { describe, expect, it } from '@jest/globals';
import type { Resource } from '../resource.js';
import { grantError, grantFieldErrors, maskGrantError, type PluginGrant } from './grants.js';

function claim(name: string, spec: Record<string, unknown> = {}): Resource {
  return { apiVersion: 'hybrid.routerd.net/v1alpha1', kind: 'RemoteAddressClaim', metadata: { name }, spec };
}

describe('P15 grants', () => {
  const onprem: PluginGrant = {
    kinds: ['RemoteAddressClaim'],
    namePrefix: 'onprem-',
    addressCIDRs: ['10.88.60.0/24', '2001:db8::/64'],
  };

  it('cover a resource of their kind, name and addresses', () => {
    expect(grantError([onprem], claim('onprem-a', { address: '10.88.60.9/32' }))).toBeUndefined();
    const qualified = { kinds: ['hybrid.routerd.net/v1alpha1/RemoteAddressClaim'] };
    expect(grantError([qualified], claim('any', { address: '192.0.2.1' }))).toBeUndefined();
  });

  it('name what goes too far', () => {
    expect(grantError([{ kinds: ['Backend', 'a.b/v1/RemoteAddressClaim'] }], claim('a'))).toEqual({
      pointer: '/kind',
      message: 'RemoteAddressClaim is not granted',
    });
    expect(grantError([onprem], claim('cloud-a'))).toEqual({
      pointer: '/metadata/name',
      message: 'must begin with "onprem-"',
    });
    expect(grantError([onprem], claim('onprem-a', { address: '10.88.61.9/32' }))).toEqual({
      pointer: '/spec/address',
      message: '10.88.61.9/32 lies outside 10.88.60.0/24, 2001:db8::/64',
    });
  });

  it.each([
    ['a wider prefix', { prefix: '10.88.0.0/16' }, '/spec/prefix'],
    ['a wider prefix with bits behind it', { prefix: '10.88.60.9/16' }, '/spec/prefix'],
    ['one of a list', { addresses: ['10.88.60.1', '10.88.61.1'] }, '/spec/addresses/1'],
    ['a list deep inside', { a: [{ 'b/c': { cidrs: ['10.0.0.0/8'] } }] }, '/spec/a/0/b~1c/cidrs/0'],
    ['a range that leaves it', { address: '10.88.60.250-10.88.61.1' }, '/spec/address'],
    ['a name', { address: 'host.example.net' }, '/spec/address'],
    ['an address with a port', { address: '10.88.60.9:80' }, '/spec/address'],
    ['IPv4 written as IPv6', { address: '::ffff:10.88.60.9' }, '/spec/address'],
    ['another IPv6 network', { address: '2001:db8:1::1' }, '/spec/address'],
  ])('hold no %s', (_what, spec, pointer) => {
    expect(grantError([onprem], claim('onprem-a', spec))).toMatchObject({ pointer });
  });

  it.each([
    ['a narrower prefix', { prefix: '10.88.60.128/25' }],
    ['an address with its network', { address: '10.88.60.9/24' }],
    ['IPv6', { address: '2001:DB8::1', cidr: '2001:db8::/80' }],
    ['a range', { addresses: ['10.88.60.1-10.88.60.255'] }],
    ['a blank address', { address: ' ' }],
    ['an address that is called otherwise', { endpoint: '192.0.2.1', subjectPrefixes: ['192.'] }],
  ])('hold %s', (_what, spec) => {
    expect(grantError([onprem], claim('onprem-a', spec))).toBeUndefined();
  });

  it('need one that covers all of it: two halves are not enough', () => {
    const other: PluginGrant = {
      kinds: ['RemoteAddressClaim'],
      namePrefix: 'cloud-',
      addressCIDRs: ['10.1.0.0/16'],
    };
    const resource = claim('cloud-a', { address: '10.88.60.9' });
    expect(grantError([onprem, other], resource)).toMatchObject({ pointer: '/spec/address' });
    expect(grantError([onprem, other, { kinds: ['RemoteAddressClaim'] }], resource)).toBeUndefined();
  });

  it('hold masks of their kinds, whatever the target is called', () => {
    const target = { apiVersion: 'a.b/v1', kind: 'Route', project: 'default', name: 'r' };
    expect(maskGrantError([{ kinds: ['Route'], namePrefix: 'x' }], target)).toBeUndefined();
    expect(maskGrantError([onprem], target)).toBe('Route is not granted');
  });

  it('are written as kinds and prefixes', () => {
    expect(
      grantFieldErrors([
        onprem,
        { kinds: ['a/b/c/D', '*'], addressCIDRs: ['10.0.0.1/8', '10.0.0.1-10.0.0.2'] },
      ]),
    ).toMatchObject([
      { pointer: '/spec/grants/1/kinds/0' },
      { pointer: '/spec/grants/1/kinds/1' },
      { pointer: '/spec/grants/1/addressCIDRs/0' },
      { pointer: '/spec/grants/1/addressCIDRs/1' },
    ]);
    expect(
      grantFieldErrors([onprem, { kinds: ['v1/Thing', 'a.b/v1/Thing'], addressCIDRs: ['10.0.0.1'] }]),
    ).toEqual([]);
  });
});
