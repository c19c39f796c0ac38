import { describe, expect, it } from '@jest/globals';
import { checkConfig } from '../../config-check.js';
import { CodedError } from '../../errors.js';
import { checkSet } from '../../references.js';
import { keyOf, refOf, refText, type Resource } from '../../resource.js';
import { validateResource } from '../../validate.js';
import { KNOWN_KINDS } from '../registry.js';
import { sample } from '../sample-resources.fixture.js';
import { BALANCE_API } from './specs.js';
import { QUOTA_KINDS } from './tenant-specs.js';

function resource(kind: string, name: string, spec: object, project = 'default'): Resource {
  const metadata = project === 'default' ? { name } : { name, project };
  return { apiVersion: BALANCE_API, kind, metadata, spec: spec as Resource['spec'] };
}

function wrong(one: Resource): string[] {
  try {
    validateResource(one);
    return [];
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return error.errors.map(({ pointer, message }) => `${pointer} ${message}`);
  }
}

function wrongTogether(all: readonly Resource[], touched: readonly Resource[] = all): string[] {
  for (const one of all) expect(wrong(one)).toEqual([]);
  const found = checkSet(new Map(all.map((one) => [keyOf(one), one])), touched.map(refOf));
  return found.flatMap(({ ref, errors }) =>
    errors.map(({ pointer, message }) => `${refText(ref)} ${pointer} ${message}`),
  );
}

const ACME = resource('Org', 'acme', {});
const WEB = resource('Project', 'web', { org: 'acme' });

it('quotas limit the kinds of load balancing that stand in a project, and no others', () => {
  const inProjects = KNOWN_KINDS.filter(
    ({ apiVersion, whyDefaultProject }) => apiVersion === BALANCE_API && whyDefaultProject === undefined,
  );
  expect([...QUOTA_KINDS].sort()).toEqual(inProjects.map(({ kind }) => kind).sort());
});

describe('kinds about tenants', () => {
  it.each([
    [resource('Org', 'Acme', {}), /^\/metadata\/name must be a lower-case DNS label/],
    [resource('Org', 'a/b', {}), /^\/metadata\/name must be a lower-case DNS label/],
    [resource('Org', 'acme', {}, 'web'), /^\/metadata\/project must be default/],
    [resource('Project', 'default', { org: 'acme' }), /^\/metadata\/name must not be default/],
    [resource('Project', 'web_1', { org: 'acme' }), /^\/metadata\/name must be a lower-case DNS label/],
    [resource('Project', 'web', {}), /^\/spec\/org is required/],
    [resource('Quota', 'q', { limits: { Pool: 1 } }), /^\/spec\/org is required, unless/],
    [
      resource('Quota', 'q', { org: 'acme', project: 'web', limits: { Pool: 1 } }),
      /^\/spec\/project stands beside an org/,
    ],
    [resource('Quota', 'q', { org: 'acme', limits: {} }), /^\/spec\/limits /],
    [resource('Quota', 'q', { org: 'acme', limits: { Node: 1 } }), /^\/spec\/limits\/Node /],
    [resource('Quota', 'q', { org: 'acme', limits: { Pool: -1 } }), /^\/spec\/limits\/Pool /],
    [resource('Quota', 'q', { org: 'acme', limits: { Pool: 1_000_001 } }), /^\/spec\/limits\/Pool /],
  ])('%j is refused', (one, error) => expect(wrong(one)[0]).toMatch(error));

  it('refer to what is there', () => {
    const quotas = [
      resource('Quota', 'a', { org: 'acme', limits: { Pool: 1 } }),
      resource('Quota', 'b', { project: 'web', limits: { Pool: 1 } }),
    ];
    expect(wrongTogether([ACME, WEB, ...quotas])).toEqual([]);
    expect(wrongTogether([WEB, ...quotas], [ACME])).toEqual([
      'Project/web /spec/org Org/acme does not exist: declare it or correct the name',
      'Quota/a /spec/org Org/acme does not exist: declare it or correct the name',
    ]);
    expect(wrongTogether([ACME, ...quotas], [WEB])).toEqual([
      'Quota/b /spec/project Project/web does not exist: declare it or correct the name',
    ]);
  });
});

describe('what is told of another project', () => {
  const backend = (project: string, name: string, address: string): Resource =>
    resource('Backend', name, { address }, project);
  const frontend = (project: string, spec: object): Resource =>
    resource('Frontend', `front-${project}`, { address: '192.0.2.1', ...spec }, project);
  const pools = (name: string) => [{ name: 'only', backends: { [name]: {} } }];

  it('is neither a name nor a port', () => {
    const theirs = [
      backend('beta', 'secret', '2001:db8::1'),
      frontend('beta', { protocol: 'tcp', port: 4711, pools: pools('secret') }),
    ];
    const mine = [
      backend('acme', 'own', '10.0.0.1'),
      frontend('acme', { protocol: 'tcp', port: 80, pools: pools('own') }),
    ];
    expect(wrongTogether([...theirs, ...mine], mine)).toEqual([
      'Frontend/acme/front-acme /spec/pools/0/backends/own is ipv4, but those of another project are ipv6: backends behind 192.0.2.1 must be of one family',
    ]);
    const everything = [backend('acme', 'own', '2001:db8::9'), frontend('acme', { pools: pools('own') })];
    expect(wrongTogether([...theirs, ...everything], everything)).toEqual([
      'Frontend/acme/front-acme /spec/address another project serves ports of 192.0.2.1: all ports and single ports exclude each other',
    ]);
  });

  it('is not whether it has a VipPool, or what stands in it', () => {
    const pool = resource('VipPool', 'gold', { addresses: ['192.0.2.0/24'], projects: ['beta'] });
    const asks = (spec: object): string[] => {
      const claim = resource('VipClaim', 'c', spec, 'acme');
      const [withPool, without] = [wrongTogether([pool, claim], [claim]), wrongTogether([claim])];
      expect(withPool).toEqual(without);
      return withPool;
    };
    expect(asks({ pool: 'gold' })).toEqual([
      'VipClaim/acme/c /spec/pool there is no VipPool/gold that serves project acme: declare it, let it serve the project, or correct the name',
    ]);
    expect(asks({ address: '192.0.2.7' })).toEqual([
      'VipClaim/acme/c /spec/address 192.0.2.7 is an address of no VipPool that serves project acme: correct it, or write it in the LoadBalancer',
    ]);
    expect(asks({})).toHaveLength(1);
    const claim = resource('VipClaim', 'c', { pool: 'gold' }, 'acme');
    const [found] = checkSet(new Map([pool, claim].map((one) => [keyOf(one), one])), [refOf(claim)]);
    expect(found?.errors[0]?.missing).toMatchObject({ kind: 'VipPool', name: 'gold' });
  });
});

it('an EventGroup, which is of the whole site, is found from each project', () => {
  const group = sample('EventGroup');
  const facts = { group: group.metadata.name, type: 'vm.up' };
  const source = resource('BackendSource', 'vms', { pool: 'p', facts }, 'acme');
  expect(wrongTogether([group, resource('Pool', 'p', {}, 'acme'), source])).toEqual([]);
});

it('a text is checked against the quotas that it brings', () => {
  const quota = resource('Quota', 'q', { project: 'web', limits: { HealthCheck: 1 } });
  const check = (name: string): Resource =>
    resource('HealthCheck', name, { type: 'push', params: { ttl: '1m' } }, 'web');
  const verdict = (...more: readonly Resource[]) =>
    checkConfig([ACME, WEB, quota, ...more].map((one) => JSON.stringify(one)).join('\n---\n'));
  expect(verdict(check('a'))).toMatchObject({ outcome: 'ok' });
  expect(verdict(check('a'), check('b'))).toMatchObject({
    outcome: 'semantic-error',
    error: { code: 'quota-exceeded', errors: [{ pointer: '/4' }] },
  });
});
