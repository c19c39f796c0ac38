import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { pointerIn } from '../document.js';
import { validateResources } from '../validate.js';
import { readYaml } from '../yaml-text.js';
import { FULL_FILE } from './full-file.fixture.js';
import { toCamel, toFilePath, toKebab } from './key-case.js';
import { isMaglevFile, maglevDocument, structureErrors } from './maglev-file.js';
import { MAGLEV_FILE, SECTIONS } from './sections.js';

type Entry = Record<string, unknown>;

const full = (): Entry => parse(FULL_FILE) as Entry;
const pointersOf = (file: Entry): string[] => structureErrors(file).map(({ pointer }) => pointer);

/** Every object and list inside a value, with its place. */
function* placesIn(value: unknown, place = ''): Generator<[place: string, value: object]> {
  if (typeof value !== 'object' || value === null) return;
  yield [place, value];
  for (const [name, member] of Object.entries(value)) yield* placesIn(member, `${place}/${name}`);
}

/** Keys that a schema names, at any depth; `~` stands for a name or an index. */
function* keysOf(schema: Entry, place = ''): Generator<string> {
  for (const [key, member] of Object.entries((schema['properties'] ?? {}) as Record<string, Entry>)) {
    yield `${place}/${key}`;
    yield* keysOf(member, `${place}/${key}`);
  }
  for (const inner of [schema['items'], schema['additionalProperties']])
    if (typeof inner === 'object') yield* keysOf(inner as Entry, `${place}/~`);
}

/** Where an unknown key can be found out: objects whose keys are not names. */
const NAMES = /^\/maglev\/(?:healthchecks|backends|frontends|frontends\/[^/]+\/pools\/\d+\/backends)$/;
const OBJECTS = [...placesIn(full())].filter(([, value]) => !Array.isArray(value)).map(([place]) => place);

function at(file: Entry, place: string): Entry {
  const found = [...placesIn(file)].find(([one]) => one === place);
  if (!found) throw new Error(`nothing at ${place}`);
  return found[1] as Entry;
}

it('X36 a merge key means what it means to the original', () => {
  const text = `
maglev:
  healthchecks:
    web: &web { type: http, port: 80, interval: 2s, timeout: 1s, params: { path: /healthz } }
    admin: { <<: *web, port: 8080 }`;
  const [file] = readYaml(text) as [Entry];
  expect(structureErrors(file)).toEqual([]);
  const [web, admin] = maglevDocument(file).resources as unknown as { spec: object }[];
  expect(admin?.spec).toEqual({ ...web?.spec, port: 8080 });
});

describe('the structure of a maglev.yaml', () => {
  it('has a sample with every key', () => {
    expect(structureErrors(full())).toEqual([]);
    const used = new Set(
      [...placesIn(full())].flatMap(([place, value]) => Object.keys(value).map((key) => `${place}/${key}`)),
    );
    const generic = new Set(
      Array.from(used, (place) =>
        place
          .replace(/^(\/maglev\/(?:healthchecks|backends|frontends)\/)[^/]+/, '$1~')
          .replace(/(\/pools\/)\d+/, '$1~')
          .replace(/(\/pools\/~\/backends\/)[^/]+/, '$1~'),
      ),
    );
    expect([...keysOf(MAGLEV_FILE)].filter((key) => !generic.has(key))).toEqual([]);
  });

  it.each(OBJECTS.filter((place) => !NAMES.test(place)))('refuses an unknown key in %s', (place) => {
    const file = full();
    at(file, place)['no-such-key'] = 1;
    expect(structureErrors(file)).toEqual([
      {
        pointer: `${place}/no-such-key`,
        message: 'is not supported: this version does not know the field "no-such-key"',
      },
    ]);
  });

  it.each([...placesIn(full())].map(([place]) => place).filter((place) => place !== ''))(
    'refuses a text instead of %s',
    (place) => {
      const file = full();
      const [, parent = '', key = ''] = /^(.*)\/([^/]+)$/.exec(place) ?? [];
      at(file, parent)[key] = 'text';
      expect(pointersOf(file)).toEqual([place]);
    },
  );

  it('refuses the spelling of resources', () => {
    const file = full();
    Object.assign(at(file, '/maglev/healthchecks/http-check'), { probeIpv4Src: '172.20.30.2' });
    expect(pointersOf(file)).toEqual(['/maglev/healthchecks/http-check/probeIpv4Src']);
  });

  it.each<[place: string, change: Entry]>([
    ['/maglev/healthchecks/http-check', { port: '443' }],
    ['/maglev/healthchecks/http-check', { rise: 1.5 }],
    ['/maglev/healthchecks/http-check', { interval: 2 }],
    ['/maglev/healthchecks/http-check/params', { 'response-code': true }],
    ['/maglev/healthchecks/http-check/params', { 'insecure-skip-verify': 'yes' }],
    ['/maglev/backends/nginx1', { enabled: 'false' }],
    ['/maglev/backends/nginx1', { 'depends-on': 'gateway' }],
    ['/maglev/frontends/web', { pools: {} }],
    ['/maglev/frontends/web/pools/0/backends/nginx1', { weight: '100' }],
    ['/maglev/vpp/lb', { 'flow-timeout': true }],
  ])('refuses a value of another type: %s %j', (place, change) => {
    const file = full();
    Object.assign(at(file, place), change);
    expect(pointersOf(file)).toEqual([`${place}/${Object.keys(change)[0]}`]);
  });

  it('takes keys and names without a value as empty', () => {
    const file = parse(`
maglev:
  vpp:
  healthchecks:
  backends:
    a: { address: 10.0.0.1, healthcheck: ~ }
  frontends:
    web:
      address: 192.0.2.1
      pools:
        - name: only
          backends:
            a:
`) as Entry;
    expect(structureErrors(file)).toEqual([]);
    expect(maglevDocument(file).resources).toMatchObject([
      { kind: 'Backend', metadata: { name: 'a' }, spec: { address: '10.0.0.1' } },
      { kind: 'Frontend', spec: { pools: [{ name: 'only', backends: { a: {} } }] } },
    ]);
    expect(maglevDocument({ maglev: null }).resources).toEqual([]);
    expect(pointersOf({ maglev: { frontends: { web: { pools: [null] } } } })).toEqual([
      '/maglev/frontends/web/pools/0',
    ]);
  });

  it.each([
    [{ maglev: {} }, true],
    [{ maglev: {}, other: 1 }, true],
    [{ maglev: {}, kind: 'Backend' }, false],
    [{ backends: {} }, false],
    [[], false],
    ['maglev', false],
    [null, false],
  ])('%j means to be one: %s', (value, means) => {
    expect(isMaglevFile(value)).toBe(means);
  });
});

describe('the resources of a maglev.yaml', () => {
  it('say the same in the words of the kinds', () => {
    const resources = validateResources(maglevDocument(full()).resources);
    const of = (kind: string, name: string) =>
      resources.find((one) => one.kind === kind && one.metadata.name === name)?.spec;
    expect(of('HealthChecker', 'default')).toEqual({
      transitionHistory: 5,
      netns: 'probes',
      guardPercent: 60,
    });
    expect(of('VppDataPlane', 'default')).toEqual({
      ipv4SrcAddress: '172.20.30.2',
      ipv6SrcAddress: '2001:db8::2',
      syncInterval: '30s',
      startupMinDelay: '5s',
      startupMaxDelay: '30s',
      flowTimeout: '40s',
      stickyBucketsPerCore: 1024,
    });
    expect(of('HealthCheck', 'http-check')).toEqual({
      type: 'https',
      port: 443,
      interval: '2s',
      fastInterval: '500ms',
      downInterval: '10s',
      timeout: '3s',
      rise: 2,
      fall: 3,
      counter: 'linear',
      probeIpv4Src: '172.20.30.2',
      probeIpv6Src: '2001:db8::2',
      netns: 'probes',
      params: {
        path: '/healthz',
        host: 'www.example.net',
        responseCode: '200-299',
        responseRegexp: 'ok',
        serverName: 'www.example.net',
        insecureSkipVerify: true,
      },
    });
    expect(of('Backend', 'nginx1')).toEqual({
      address: '172.20.30.11',
      healthcheck: 'http-check',
      enabled: true,
      dependsOn: ['gateway'],
    });
    expect(of('Frontend', 'web')).toEqual({
      description: 'the web',
      address: '192.0.2.1',
      protocol: 'tcp',
      port: 443,
      pools: [
        {
          name: 'primary',
          backends: { nginx1: { weight: 100 }, nginxTwo: { weight: 50 }, udp: {}, dns: {} },
        },
        { name: 'fallback', backends: { grpc: { weight: 0 }, tls: {}, push: {}, game: {} } },
      ],
      srcIpSticky: true,
      flushOnDown: false,
      failbackDelay: '30s',
      minUp: 1,
      poolActivation: 'up-weighted',
      slowStart: '1m',
      nodeGroup: 'edge',
      allDown: 'keep-last',
    });
    expect(resources).toHaveLength(2 + 9 + 9 + 1);
  });

  it('are none of what the file does not have', () => {
    expect(maglevDocument({ maglev: { vpp: {} } }).resources).toEqual([]);
    expect(maglevDocument({ maglev: { healthchecker: {} } }).resources).toMatchObject([
      { kind: 'HealthChecker', metadata: { name: 'default' }, spec: {} },
    ]);
  });

  it('are all of the kinds that the file can hold', () => {
    const kinds = new Set(maglevDocument(full()).resources.map((one) => (one as Entry)['kind']));
    expect([...kinds]).toEqual(SECTIONS.map(({ kind }) => kind.kind));
  });

  it('keep odd names as names', () => {
    const file = parse('{maglev: {backends: {"a/b": {address: x}, constructor: {address: x}}}}') as Entry;
    const document = maglevDocument(file);
    expect(document.resources).toMatchObject([
      { metadata: { name: 'a/b' } },
      { metadata: { name: 'constructor' } },
    ]);
    expect(pointerIn(document, 0, '/spec/address')).toBe('/maglev/backends/a~1b/address');
  });

  it.each(['.', '..'])('cannot have the name "%s", as no resource of balancing can', (name) => {
    const file = { maglev: { backends: { [name]: { address: '10.0.0.1' } } } };
    const { resources } = maglevDocument(file);
    expect(() => validateResources(resources)).toThrow(`must not be "${name}"`);
  });

  it.each([
    ['HealthCheck', 'http-check', '/spec/probeIpv4Src', '/maglev/healthchecks/http-check/probe-ipv4-src'],
    [
      'HealthCheck',
      'http-check',
      '/spec/params/responseCode',
      '/maglev/healthchecks/http-check/params/response-code',
    ],
    ['HealthCheck', 'http-check', '/spec', '/maglev/healthchecks/http-check'],
    ['HealthCheck', 'http-check', '/metadata/name', '/maglev/healthchecks/http-check'],
    ['HealthCheck', 'http-check', '', '/maglev/healthchecks/http-check'],
    ['HealthChecker', 'default', '/spec/guardPercent', '/maglev/healthchecker/guard-percent'],
    ['VppDataPlane', 'default', '/spec/stickyBucketsPerCore', '/maglev/vpp/lb/sticky-buckets-per-core'],
    ['Backend', 'nginx1', '/spec/dependsOn/0', '/maglev/backends/nginx1/depends-on/0'],
    [
      'Frontend',
      'web',
      '/spec/pools/0/backends/nginxTwo/weight',
      '/maglev/frontends/web/pools/0/backends/nginxTwo/weight',
    ],
    ['Frontend', 'web', '/spec/failbackDelay', '/maglev/frontends/web/failback-delay'],
  ])('%s/%s%s stands at %s', (kind, name, inside, pointer) => {
    const document = maglevDocument(full());
    const index = document.resources.findIndex((one) => {
      const { metadata, ...rest } = one as { metadata: { name: string }; kind: string };
      return rest.kind === kind && metadata.name === name;
    });
    expect(pointerIn(document, index, inside)).toBe(pointer);
  });
});

describe('keys', () => {
  it('of all kinds lead there and back', () => {
    const keys = SECTIONS.flatMap(({ kind }) => [...keysOf(kind.schema as Entry)]).flatMap((path) =>
      path.split('/'),
    );
    expect(keys.length).toBeGreaterThan(50);
    for (const key of keys) expect(toCamel(toKebab(key))).toBe(key);
  });

  it('are only those that the schema names', () => {
    expect(toFilePath(['anyThing', 'atAll'])).toEqual(['anyThing', 'atAll']);
  });
});
