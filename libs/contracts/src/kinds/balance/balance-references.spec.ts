import { describe, expect, it } from '@jest/globals';
import { checkSet } from '../../references.js';
import { keyOf, refKey, refOf, type Resource } from '../../resource.js';
import { sample, type SampleKind } from '../sample-resources.fixture.js';
import { BALANCE_API, type FrontendPool } from './specs.js';

const named = (kind: SampleKind, name: string, spec: Record<string, unknown> = {}): Resource =>
  sample(kind, { metadata: { name }, spec });
const backend = (name: string, address: string, spec: Record<string, unknown> = {}): Resource =>
  named('Backend', name, { address, healthcheck: null, ...spec });
const frontend = (name: string, spec: Record<string, unknown>, ...pools: FrontendPool[]): Resource =>
  named('Frontend', name, { ...spec, pools });
const member = (frontendRef: string, backendRef: string, pool = 'a'): Resource =>
  named('PoolMember', `${frontendRef}/${backendRef}`, { frontendRef, backendRef, pool });
const pool = (name: string, ...backends: string[]): FrontendPool => ({
  name,
  backends: Object.fromEntries(backends.map((one) => [one, {}])),
});

/** Errors of a set of which some resources were touched (all unless told), as `Kind/name pointer message`. */
function errorsOf(resources: readonly Resource[], touched: readonly Resource[] = resources): string[] {
  const set = new Map(resources.map((resource) => [keyOf(resource), resource]));
  return checkSet(set, touched.map(refOf)).flatMap(({ ref, errors }) =>
    errors.map(({ pointer, message }) => `${ref.kind}/${ref.name} ${pointer} ${message}`),
  );
}

const V4 = [backend('n1', '10.0.0.1'), backend('n2', '10.0.0.2'), backend('n3', '10.0.0.3')];
const V6 = [backend('s1', '2001:db8::1'), backend('s2', '2001:db8::2')];
const TCP80 = { address: '192.0.2.1', protocol: 'tcp', port: 80 };
const ALL = { address: '192.0.2.1', protocol: null, port: null };

describe('references of load balancing', () => {
  it('of a Backend must exist', () => {
    const check = named('HealthCheck', 'ping');
    const lone = backend('n1', '10.0.0.1', { healthcheck: 'ping', dependsOn: ['n2', 'n3'] });
    expect(errorsOf([check, lone, backend('n2', '10.0.0.2')])).toEqual([
      'Backend/n1 /spec/dependsOn/1 Backend/n3 does not exist: declare it or correct the name',
    ]);
    expect(errorsOf([lone, ...V4.slice(1)])).toEqual([
      'Backend/n1 /spec/healthcheck HealthCheck/ping does not exist: declare it or correct the name',
    ]);
  });

  it('of a Frontend must exist', () => {
    expect(errorsOf([...V4, frontend('web', TCP80, pool('a', 'n1', 'n9'), pool('b', 'n/8'))])).toEqual([
      'Frontend/web /spec/pools/0/backends/n9 Backend/n9 does not exist: declare it or correct the name',
      'Frontend/web /spec/pools/1/backends/n~18 Backend/n/8 does not exist: declare it or correct the name',
    ]);
  });

  it('find a Backend in use that is deleted', () => {
    const [n1, ...rest] = V4;
    const using = [frontend('web', TCP80, pool('a', 'n2')), member('web', 'n1')];
    expect(errorsOf([...rest, ...using], [n1!])).toEqual([
      'PoolMember/web/n1 /spec/backendRef Backend/n1 does not exist: declare it or correct the name',
    ]);
  });

  it('let a Frontend have no two backends of one address, however it is spelt', () => {
    const twins = [...V6, backend('twin', '2001:DB8:0::1')];
    expect(errorsOf([...twins, frontend('web', TCP80, pool('a', 's1'), pool('b', 'twin'))])).toEqual([
      'Frontend/web /spec/pools/1/backends/twin has the address 2001:db8::1 of Backend/s1',
    ]);
  });

  it('let a Frontend have several backends on one address with ports of their own', () => {
    const [first, second] = [{ port: 18001 }, { port: 18002 }].map((spec, n) =>
      backend(`p${n + 1}`, '10.0.0.9', spec),
    );
    const twin = backend('twin', '10.0.0.9', { port: 18001 });
    expect(errorsOf([first!, second!, frontend('web', TCP80, pool('a', 'p1', 'p2'))])).toEqual([]);
    expect(errorsOf([first!, twin, frontend('web', TCP80, pool('a', 'p1', 'twin'))])).toEqual([
      'Frontend/web /spec/pools/0/backends/twin has the address 10.0.0.9:18001 of Backend/p1',
    ]);
  });

  it('let a check leave the port to the backends, each of which then needs one', () => {
    const check = named('HealthCheck', 'web', { type: 'http', port: null, params: null });
    const own = backend('p1', '10.0.0.9', { healthcheck: 'web', port: 18001 });
    const none = backend('p2', '10.0.0.8', { healthcheck: 'web' });
    expect(errorsOf([check, own, none])).toEqual([
      'Backend/p2 /spec/healthcheck HealthCheck/web of type http names no port, and this backend has none',
    ]);
  });

  it('let a Frontend have backends of one family only', () => {
    expect(errorsOf([...V4, ...V6, frontend('web', TCP80, pool('a', 'n1', 'n2'), pool('b', 's1'))])).toEqual([
      'Frontend/web /spec/pools/1/backends/s1 is ipv6, but Backend/n1 is ipv4',
    ]);
  });

  it('do not ask for the backends and frontends of a window', () => {
    expect(errorsOf([named('MaintenanceWindow', 'tonight')])).toEqual([]);
  });
});

describe('a PoolMember', () => {
  const web = frontend('web', TCP80, pool('a', 'n1'), pool('b', 'n2'));

  it('may add a backend to a pool', () => {
    expect(errorsOf([...V4, web, member('web', 'n3', 'b')])).toEqual([]);
  });

  it('needs its frontend, its backend and its pool', () => {
    expect(errorsOf([...V4, web, member('www', 'n3')])).toEqual([
      'PoolMember/www/n3 /spec/frontendRef Frontend/www does not exist: declare it or correct the name',
    ]);
    expect(errorsOf([...V4, web, member('web', 'n9')])).toEqual([
      'PoolMember/web/n9 /spec/backendRef Backend/n9 does not exist: declare it or correct the name',
    ]);
    expect(errorsOf([...V4, web, member('web', 'n3', 'c')])).toEqual([
      'PoolMember/web/n3 /spec/pool is no pool of Frontend/web',
    ]);
  });

  it('does not repeat what the frontend says itself, in whatever pool', () => {
    expect(errorsOf([...V4, web, member('web', 'n2', 'a')])).toEqual([
      'PoolMember/web/n2 /spec/backendRef already stands in pool b of Frontend/web',
    ]);
  });

  it('fits the family of what the frontend names itself', () => {
    const strange = member('web', 's1');
    expect(errorsOf([...V4, ...V6, web, strange], [strange])).toEqual([
      'PoolMember/web/s1 /spec/backendRef is ipv6, but Backend/n1 of Frontend/web is ipv4',
    ]);
  });

  it('is not judged while that backend is missing: it may bring another family', () => {
    const [, ...rest] = V4;
    expect(errorsOf([...rest, web, member('web', 'n3')], [member('web', 'n3')])).toEqual([
      'PoolMember/web/n3 /spec/frontendRef names Backend/n1, which does not exist',
    ]);
  });

  it('fits the other members of the frontend', () => {
    const open = frontend('web', TCP80, { name: 'a' });
    const members = [member('web', 'n1'), member('web', 's1')];
    expect(errorsOf([...V4, ...V6, open, ...members], [members[0]!])).toEqual([
      'PoolMember/web/n1 /spec/backendRef is ipv4, but Backend/s1 of PoolMember/web/s1 is ipv6: backends behind 192.0.2.1 must be of one family',
    ]);
    const twin = backend('twin', '10.0.0.1');
    const twins = [member('web', 'n1'), member('web', 'twin')];
    expect(errorsOf([...V4, twin, open, ...twins], [twins[1]!])).toEqual([
      'PoolMember/web/twin /spec/backendRef has the address 10.0.0.1 of Backend/n1 of PoolMember/web/n1',
    ]);
  });

  it('twice for one pair is one resource', () => {
    expect(refKey(refOf(member('web', 'n3', 'a')))).toBe(refKey(refOf(member('web', 'n3', 'b'))));
  });
});

describe('Frontends among each other', () => {
  const first = frontend('first', TCP80, pool('a', 'n1'));
  const second = (spec: Record<string, unknown>) => frontend('second', spec, pool('a', 'n2'));

  it('have a service of an address for themselves', () => {
    const same = second(TCP80);
    expect(errorsOf([...V4, first, same], [same])).toEqual([
      'Frontend/second /spec/address Frontend/first already serves tcp port 80 of 192.0.2.1',
    ]);
    expect(errorsOf([...V4, first, same], [first])).toEqual([
      'Frontend/first /spec/address Frontend/second already serves tcp port 80 of 192.0.2.1',
    ]);
    for (const other of [
      { ...TCP80, port: 81 },
      { ...TCP80, protocol: 'udp' },
      { ...ALL, address: '192.0.2.2' },
    ])
      expect(errorsOf([...V4, first, second(other)])).toEqual([]);
  });

  it('have it for themselves however the address is spelt', () => {
    const long = frontend('first', { ...TCP80, address: '2001:0db8::0:1' }, pool('a', 'n1'));
    const short = second({ ...TCP80, address: '2001:DB8::1' });
    expect(errorsOf([...V4, long, short], [short])).toEqual([
      'Frontend/second /spec/address Frontend/first already serves tcp port 80 of 2001:db8::1',
    ]);
  });

  it('R21 do not mix all ports and single ports on one address', () => {
    const all = second(ALL);
    expect(errorsOf([...V4, first, all], [all])).toEqual([
      'Frontend/second /spec/address Frontend/first serves tcp port 80 of 192.0.2.1: all ports and single ports exclude each other',
    ]);
    expect(errorsOf([...V4, first, all], [first])).toEqual([
      'Frontend/first /spec/address Frontend/second serves all ports of 192.0.2.1: all ports and single ports exclude each other',
    ]);
    const twice = frontend('first', ALL, pool('a', 'n1'));
    expect(errorsOf([...V4, twice, all], [all])).toEqual([
      'Frontend/second /spec/address Frontend/first already serves all ports of 192.0.2.1',
    ]);
  });

  it('have backends of one family on one address, whoever was touched', () => {
    const other = frontend('second', { ...TCP80, port: 81 }, pool('a', 's1'));
    const ofFirst =
      'Frontend/first /spec/pools/0/backends/n1 is ipv4, but Backend/s1 of Frontend/second is ipv6: backends behind 192.0.2.1 must be of one family';
    const ofSecond =
      'Frontend/second /spec/pools/0/backends/s1 is ipv6, but Backend/n1 of Frontend/first is ipv4: backends behind 192.0.2.1 must be of one family';
    const set = [...V4, ...V6, first, other];
    expect(errorsOf(set, [first])).toEqual([ofFirst]);
    expect(errorsOf(set, [other])).toEqual([ofSecond]);
    expect(errorsOf(set, [backend('s1', '2001:db8::1')])).toEqual([ofSecond]);
    const elsewhere = frontend('second', { ...TCP80, address: '192.0.2.2' }, pool('a', 's1'));
    expect(errorsOf([...V4, ...V6, first, elsewhere])).toEqual([]);
  });

  it('are told from kinds of the same name elsewhere', () => {
    const foreign = { ...second(TCP80), apiVersion: 'example.net/v1' };
    expect(errorsOf([...V4, first, foreign])).toEqual([]);
    expect(first.apiVersion).toBe(BALANCE_API);
  });
});
