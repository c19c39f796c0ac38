import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { checkConfig, checkMaglev } from './config-check.js';
import { CodedError } from './errors.js';
import { samples } from './kinds/sample-resources.fixture.js';
import { FULL_FILE } from './maglev/full-file.fixture.js';

type Entry = Record<string, unknown>;

/** A right file: two frontends on one address, IPv4 backends. */
const BASE = {
  healthchecks: { check: { type: 'http', port: 80, interval: '2s', timeout: '3s' } },
  backends: {
    nginx1: { address: '172.20.30.11', healthcheck: 'check' },
    nginx2: { address: '172.20.30.12', healthcheck: 'check' },
    static6: { address: '2001:db8::21' },
  },
  frontends: {
    web: {
      address: '192.0.2.1',
      protocol: 'tcp',
      port: 80,
      pools: [
        { name: 'primary', backends: { nginx1: { weight: 100 } } },
        { name: 'fallback', backends: { nginx2: {} } },
      ],
    },
    six: { address: '192.0.2.6', pools: [{ name: 'only', backends: { static6: {} } }] },
  },
};

/** The file after a change, told as place → value (undefined removes it). */
function changed(change: Readonly<Record<string, unknown>>): string {
  const file: Entry = structuredClone(BASE);
  for (const [place, value] of Object.entries(change)) {
    const path = place.split('/');
    const last = path.pop() ?? '';
    let entry = file;
    for (const key of path) entry = (entry[key] ??= {}) as Entry;
    if (value === undefined) delete entry[last];
    else entry[last] = value;
  }
  return stringify({ maglev: file });
}

function refusal(text: string): CodedError {
  try {
    checkMaglev(text);
  } catch (error) {
    if (error instanceof CodedError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const warnings = (text: string): string[] =>
  checkMaglev(text).warnings.map(({ pointer, message }) => `${pointer} ${message}`);

describe('checkMaglev', () => {
  it('accepts a file with every key, and one of examples/', () => {
    expect(checkMaglev(FULL_FILE)).toMatchObject({ warnings: [] });
    const { resources, warnings: none } = checkMaglev(readFileSync('examples/maglev/maglev.yaml', 'utf8'));
    expect(none).toEqual([]);
    expect(resources.map(({ kind, metadata }) => `${kind}/${metadata.name}`)).toEqual([
      'HealthChecker/default',
      'HealthCheck/http-check',
      'Backend/nginx1',
      'Backend/nginx2',
      'Backend/nginx3',
      'Backend/static-primary',
      'Backend/static-fallback',
      'Frontend/http-vip',
      'Frontend/failover-vip',
    ]);
    expect(warnings(changed({}))).toEqual([]);
  });

  const check = 'healthchecks/check';
  const params = `${check}/params`;
  const vpp = (change: Entry) => ({
    'vpp/lb': { 'ipv4-src-address': '10.0.0.1', 'ipv6-src-address': '2001:db8::1', ...change },
  });
  const six = (change: Entry) => ({
    'frontends/six': { ...BASE.frontends.six, address: '192.0.2.1', ...change },
  });
  const four = { pools: [{ name: 'only', backends: { nginx1: {} } }] };
  it.each<[what: string, change: Entry, pointer: string]>([
    // Seen upstream.
    [
      'a backend that is not there',
      { 'frontends/web/pools/0/backends/nginx9': {} },
      '/frontends/web/pools/0/backends/nginx9',
    ],
    [
      'a healthcheck that is not there',
      { 'backends/nginx1/healthcheck': 'chekc' },
      '/backends/nginx1/healthcheck',
    ],
    ['no pools', { 'frontends/six/pools': undefined }, '/frontends/six/pools'],
    ['an empty list of pools', { 'frontends/six/pools': [] }, '/frontends/six/pools'],
    [
      'a pool without backends',
      { 'frontends/six/pools/0/backends': undefined },
      '/frontends/six/pools/0/backends',
    ],
    [
      'a pool with empty backends',
      { 'frontends/six/pools/0/backends': {} },
      '/frontends/six/pools/0/backends',
    ],
    ['a pool without a name', { 'frontends/six/pools/0/name': undefined }, '/frontends/six/pools/0/name'],
    ['a pool with an empty name', { 'frontends/six/pools/0/name': '' }, '/frontends/six/pools/0/name'],
    [
      'a weight over 100',
      { 'frontends/web/pools/0/backends/nginx1/weight': 101 },
      '/frontends/web/pools/0/backends/nginx1/weight',
    ],
    [
      'a weight below 0',
      { 'frontends/web/pools/0/backends/nginx1/weight': -1 },
      '/frontends/web/pools/0/backends/nginx1/weight',
    ],
    [
      'two families in a frontend',
      { 'frontends/web/pools/1/backends/static6': {} },
      '/frontends/web/pools/1/backends/static6',
    ],
    ['an IPv4 source of another family', { [`${check}/probe-ipv4-src`]: '::1' }, `/${check}/probe-ipv4-src`],
    [
      'an IPv6 source of another family',
      { [`${check}/probe-ipv6-src`]: '10.0.0.1' },
      `/${check}/probe-ipv6-src`,
    ],
    ['vpp without an IPv4 source', vpp({ 'ipv4-src-address': undefined }), '/vpp/lb/ipv4-src-address'],
    ['vpp without an IPv6 source', vpp({ 'ipv6-src-address': undefined }), '/vpp/lb/ipv6-src-address'],
    // The data plane's own.
    ['two frontends of one VIP', six({ ...four, protocol: 'tcp', port: 80 }), '/frontends/web/address'],
    ['R21 an all-port and a per-port VIP on one address', six(four), '/frontends/web/address'],
    [
      'two families behind one address',
      six({ protocol: 'tcp', port: 81 }),
      '/frontends/web/pools/0/backends/nginx1',
    ],
    [
      'sticky buckets that are no power of two',
      vpp({ 'sticky-buckets-per-core': 1000 }),
      '/vpp/lb/sticky-buckets-per-core',
    ],
    ['a port without a protocol', { 'frontends/web/protocol': undefined }, '/frontends/web/protocol'],
    ['a protocol without a port', { 'frontends/web/port': undefined }, '/frontends/web/port'],
    ['a protocol with port 0', { 'frontends/web/port': 0 }, '/frontends/web/port'],
    // Ours.
    ['two pools of one name', { 'frontends/web/pools/1/name': 'primary' }, '/frontends/web/pools/1/name'],
    [
      'a backend twice in a frontend',
      { 'frontends/web/pools/1/backends': { nginx1: {} } },
      '/frontends/web/pools/1/backends/nginx1',
    ],
    [
      'two backends of one address',
      { 'backends/nginx2/address': '172.20.30.11' },
      '/frontends/web/pools/1/backends/nginx2',
    ],
    ['rise 0', { [`${check}/rise`]: 0 }, `/${check}/rise`],
    ['fall 0', { [`${check}/fall`]: 0 }, `/${check}/fall`],
    ['codes from high to low', { [`${params}/response-code`]: '300-200' }, `/${params}/response-code`],
    ['code 600', { [`${params}/response-code`]: 600 }, `/${params}/response-code`],
    ['a regexp that does not compile', { [`${params}/response-regexp`]: '(' }, `/${params}/response-regexp`],
    ['a timeout over 60s', { [`${check}/timeout`]: '61s' }, `/${check}/timeout`],
    ['no type', { [`${check}/type`]: undefined }, `/${check}/type`],
    ['an unknown type', { [`${check}/type`]: 'smtp' }, `/${check}/type`],
    ['no port', { [`${check}/port`]: undefined }, '/backends/nginx1/healthcheck'],
    ['no interval', { [`${check}/interval`]: undefined }, `/${check}/interval`],
    ['an interval that is none', { [`${check}/interval`]: '2' }, `/${check}/interval`],
    ['a param of another type', { [`${params}/ssl`]: true }, `/${params}/ssl`],
    ['a backend without an address', { 'backends/nginx1/address': undefined }, '/backends/nginx1/address'],
    [
      'a backend that depends on itself',
      { 'backends/nginx1/depends-on': ['nginx1'] },
      '/backends/nginx1/depends-on/0',
    ],
    ['a reason that is not there', { 'backends/nginx1/depends-on': ['gw'] }, '/backends/nginx1/depends-on/0'],
    ['a name with a blank', { 'backends/my nginx': { address: '10.0.0.1' } }, '/backends/my nginx'],
    [
      'a warm-up that ends before it starts',
      vpp({ 'startup-min-delay': '31s' }),
      '/vpp/lb/startup-min-delay',
    ],
    ['no sync', vpp({ 'sync-interval': '0s' }), '/vpp/lb/sync-interval'],
    ['a flow timeout below zero', vpp({ 'flow-timeout': -1 }), '/vpp/lb/flow-timeout'],
    ['a flow timeout of half a second', vpp({ 'flow-timeout': 0.5 }), '/vpp/lb/flow-timeout'],
    ['no history', { 'healthchecker/transition-history': 0 }, '/healthchecker/transition-history'],
  ])('refuses %s', (_what, change, pointer) => {
    const error = refusal(changed(change));
    expect(error.code).toBe('validation-failed');
    expect(error.errors[0]?.pointer).toBe(`/maglev${pointer}`);
  });

  it.each([
    vpp({ 'flow-timeout': 40 }),
    vpp({ 'flow-timeout': '1m' }),
    vpp({ 'startup-min-delay': '0s', 'startup-max-delay': '0s' }),
    { vpp: {} },
  ])('accepts %j', (change) => {
    expect(warnings(changed(change))).toEqual([]);
  });

  it('tells all errors of one stage together', () => {
    const error = refusal(
      changed({ [`${check}/rise`]: 0, 'backends/nginx1/address': 'x', 'frontends/web/port': 0 }),
    );
    expect(error.errors.map(({ pointer }) => pointer)).toEqual([
      '/maglev/healthchecks/check/rise',
      '/maglev/backends/nginx1/address',
      '/maglev/frontends/web/port',
    ]);
  });

  it.each<[what: string, text: string, code: string, pointer: string | undefined]>([
    ['what is no YAML', 'maglev: [', 'bad-yaml', undefined],
    ['a key given twice', 'maglev: {backends: {}, backends: {}}', 'bad-yaml', undefined],
    ['an empty text', '', 'bad-maglev', '/maglev'],
    ['a list', '- maglev', 'bad-maglev', '/maglev'],
    ['two documents', 'maglev: {}\n---\nmaglev: {}', 'bad-maglev', '/maglev'],
    ['a resource', 'kind: Backend', 'bad-maglev', '/maglev'],
    ['another key beside it', 'maglev: {}\nversion: 1', 'bad-maglev', '/version'],
    ['a section that is a list', 'maglev: {backends: []}', 'bad-maglev', '/maglev/backends'],
    [
      'the flat list of backends of old',
      changed({ 'frontends/web/backends': ['nginx1'] }),
      'bad-maglev',
      '/maglev/frontends/web/backends',
    ],
    [
      'a weight of a backend',
      changed({ 'backends/nginx1/weight': 1 }),
      'bad-maglev',
      '/maglev/backends/nginx1/weight',
    ],
  ])('cannot read %s', (_what, text, code, pointer) => {
    const error = refusal(text);
    expect(error.code).toBe(code);
    expect(error.errors[0]?.pointer).toBe(pointer);
  });

  it('warns of what nobody uses and of a first pool without weight', () => {
    const text = changed({
      'healthchecks/spare': { type: 'icmp', interval: '1s', timeout: '1s' },
      'backends/spare': { address: '172.20.30.99' },
      'backends/gateway': { address: '172.20.30.1' },
      'backends/nginx1/depends-on': ['gateway'],
      'frontends/web/pools/0/backends/nginx1/weight': 0,
    });
    expect(warnings(text)).toEqual([
      '/maglev/healthchecks/spare is the healthcheck of no backend',
      '/maglev/backends/spare is in no pool of a frontend',
      '/maglev/frontends/web/pools/0/backends all have weight 0: the first pool gets no traffic',
    ]);
    expect(warnings(changed({ 'frontends/web/pools/1/backends/nginx2/weight': 0 }))).toEqual([]);
  });
});

describe('checkConfig', () => {
  const outcome = (text: string): [string, string?, string?] => {
    const verdict = checkConfig(text);
    if (verdict.outcome === 'ok') return ['ok'];
    const { code, errors } = verdict.error;
    return [verdict.outcome, code, errors[0]?.pointer];
  };
  const backend = {
    apiVersion: 'balance.signalbox.dev/v1alpha1',
    kind: 'Backend',
    metadata: { name: 'a' },
    spec: { address: '10.0.0.1' },
  };

  it('accepts resources, bundles and examples/', () => {
    expect(
      outcome(
        samples()
          .map((one) => stringify(one))
          .join('---\n'),
      ),
    ).toEqual(['ok']);
    expect(outcome(readFileSync('examples/maglev/resources.yaml', 'utf8'))).toEqual(['ok']);
    expect(outcome(readFileSync('examples/several-nodes/bgp.yaml', 'utf8'))).toEqual(['ok']);
    expect(outcome(readFileSync('examples/maglev/maglev.yaml', 'utf8'))).toEqual(['ok']);
    expect(outcome('{apiVersion: a/v1, kind: Widget, metadata: {name: a}, spec: {}}')).toEqual(['ok']);
  });

  it.each<[what: string, text: string, code: string, pointer: string | undefined]>([
    ['no YAML', 'a: [', 'bad-yaml', undefined],
    ['nothing', '# only a comment', 'bad-yaml', undefined],
    ['a list', '[]', 'validation-failed', '/0'],
    ['no kind', '{a: 1}', 'validation-failed', '/0/apiVersion'],
    ['an envelope of another shape', stringify({ ...backend, state: {} }), 'validation-failed', '/0/state'],
    [
      'a bundle of another shape',
      '{apiVersion: routerd.net/v1alpha1, kind: Router, metadata: {name: a}, spec: {}}',
      'validation-failed',
      '/0/spec/resources',
    ],
    ['a maglev.yaml of another shape', '{maglev: {nets: {}}}', 'bad-maglev', '/maglev/nets'],
    ['one among others', `${stringify(backend)}---\n{maglev: {nets: {}}}`, 'bad-maglev', '/1/maglev/nets'],
  ])('calls %s a parse error', (_what, text, code, pointer) => {
    expect(outcome(text)).toEqual(['parse-error', code, pointer]);
  });

  it.each<[what: string, text: string, code: string, pointer: string | undefined]>([
    [
      'a wrong field',
      stringify({ ...backend, spec: { address: 'x' } }),
      'validation-failed',
      '/0/spec/address',
    ],
    [
      'an unknown field',
      stringify({ ...backend, spec: { ...backend.spec, ports: 1 } }),
      'validation-failed',
      '/0/spec/ports',
    ],
    [
      'a reference to nothing',
      stringify({ ...backend, spec: { ...backend.spec, healthcheck: 'x' } }),
      'validation-failed',
      '/0/spec/healthcheck',
    ],
    ['one resource twice', `${stringify(backend)}---\n${stringify(backend)}`, 'duplicate-resource', '/1'],
    ['a wrong file', changed({ 'frontends/web/port': 0 }), 'validation-failed', '/maglev/frontends/web/port'],
    [
      'one among others',
      `${stringify(backend)}---\n${changed({ 'backends/nginx1/healthcheck': 'x' })}`,
      'validation-failed',
      '/1/maglev/backends/nginx1/healthcheck',
    ],
  ])('calls %s a semantic error', (_what, text, code, pointer) => {
    expect(outcome(text)).toEqual(['semantic-error', code, pointer]);
  });

  it('lets documents refer to each other, and tells warnings by document', () => {
    const check = parse(changed({})) as Entry;
    const spare = {
      ...backend,
      metadata: { name: 'b' },
      spec: { address: '10.0.0.2', healthcheck: 'check' },
    };
    const lone = '{maglev: {backends: {c: {address: 10.0.0.3, depends-on: [b]}}}}';
    const verdict = checkConfig([spare, check].map((one) => stringify(one)).join('---\n') + `---\n${lone}`);
    expect(verdict).toMatchObject({
      outcome: 'ok',
      warnings: [{ pointer: '/2/maglev/backends/c', message: 'is in no pool of a frontend' }],
    });
  });
});
