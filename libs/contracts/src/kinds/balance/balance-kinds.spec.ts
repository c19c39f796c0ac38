import { describe, expect, it } from '@jest/globals';
import { validateResource } from '../../validate.js';
import { sample, type SampleKind, samples, wrongFields } from '../sample-resources.fixture.js';
import { BALANCE_API } from './specs.js';

type Case = [what: string, kind: SampleKind, change: Record<string, unknown>, pointer: string];

const KINDS = samples().filter(({ apiVersion }) => apiVersion === BALANCE_API);
const window = (change: Record<string, unknown>) => ({ spec: change });
const affinity = (change: Record<string, unknown>) => ({ spec: { affinity: change } });
const ofPool = (change: Record<string, unknown> = {}) => ({
  metadata: { name: 'pool/sample/sample' },
  spec: { frontendRef: null, pool: null, poolRef: 'sample', ...change },
});
const listenMap = (...entries: object[]) => ({ spec: { listenMap: entries } });
/** A listener whose backends answer clients themselves. */
const PLAIN_DSR = {
  ...{ protocol: 'tcp', forwarding: 'dsr', tls: null, insertHeaders: null },
  ...{ connectionLimit: null, connectTimeout: null, clientTimeout: null, targetTimeout: null },
} as const;
const pools = (...given: object[]) => ({ spec: { pools: given } });

const ONCE: readonly string[] = ['HealthChecker', 'VppDataPlane'];
const WITHOUT_PROJECT: readonly string[] = [
  ...ONCE,
  ...['Announcement', 'BfdProfile', 'BgpPeer', 'Node', 'Org', 'Project', 'Quota', 'VipPool'],
];

it.each(KINDS.map(({ kind }) => kind as SampleKind).filter((kind) => !WITHOUT_PROJECT.includes(kind)))(
  '%s lives in any project that is a DNS label',
  (kind) => {
    const inLab = sample(kind, { metadata: { project: 'lab' } });
    expect(validateResource(inLab).metadata.project).toBe('lab');
    for (const project of ['a/b', 'Lab', '-lab', 'a.b', '', 'l'.repeat(64)])
      expect(wrongFields(kind, { metadata: { project } })).toEqual(['/metadata/project']);
  },
);

it.each(ONCE as readonly SampleKind[])('%s lives in the default project only', (kind) => {
  expect(wrongFields(kind, { metadata: { project: 'default' } })).toEqual([]);
  expect(wrongFields(kind, { metadata: { project: 'lab' } })).toEqual(['/metadata/project']);
  expect(() => validateResource(sample(kind, { metadata: { project: 'lab' } }))).toThrow(
    'must be default: there is one for all projects',
  );
});

it('a Node lives in the default project only', () => {
  const inLab = sample('Node', { metadata: { project: 'lab' } });
  expect(() => validateResource(inLab)).toThrow('must be default: a node serves all projects');
});

describe.each(['.', '..'])('the name "%s", which no URL can lead to,', (name) => {
  it.each<SampleKind>([
    'Backend',
    'Frontend',
    'HealthCheck',
    'Listener',
    'LoadBalancer',
    'MaintenanceWindow',
    'Pool',
  ])('is none of a %s', (kind) => {
    expect(wrongFields(kind, { metadata: { name } })).toEqual(['/metadata/name']);
    expect(() => validateResource(sample(kind, { metadata: { name } }))).toThrow(`must not be "${name}"`);
    expect(wrongFields(kind, { metadata: { name: `${name}a` } })).toEqual([]);
  });

  it('is none of a pool', () => {
    const change = pools({ name: 'a', backends: { x: {} } }, { name, backends: { y: {} } });
    expect(wrongFields('Frontend', change)).toEqual(['/spec/pools/1/name']);
  });
});

describe('X37 what can be the address of no host', () => {
  it.each([
    '0.0.0.0',
    '0.1.2.3',
    '224.0.0.1',
    '239.255.255.255',
    '255.255.255.255',
    '::',
    '0:0:0:0:0:0:0:0',
    '::0.0.0.0',
    'ff02::1',
    'FF0E::1',
    '::ffff:0.0.0.0',
    '::ffff:10.0.0.2',
    '::FFFF:0a00:2',
  ])('%s is refused', (address) => {
    expect(wrongFields('Backend', { spec: { address } })).toEqual(['/spec/address']);
    expect(wrongFields('Frontend', { spec: { address } })).toEqual(['/spec/address']);
    expect(wrongFields('LoadBalancer', { spec: { address } })).toEqual(['/spec/address']);
    const source = address.includes(':') ? 'ipv6SrcAddress' : 'ipv4SrcAddress';
    expect(wrongFields('VppDataPlane', { spec: { [source]: address } })).toEqual([`/spec/${source}`]);
  });

  it('says why', () => {
    const wrong = sample('Backend', { spec: { address: '0.0.0.0' } });
    expect(() => validateResource(wrong)).toThrow('who connects to it reaches itself');
  });

  it.each(['127.0.0.1', '10.255.255.255', '240.0.0.1', '::1', 'fe80::1', '1::', '::ffff:1:2:3', 'fd00::1'])(
    '%s is accepted',
    (address) => {
      expect(wrongFields('Backend', { spec: { address } })).toEqual([]);
    },
  );
});

describe('kinds of health checking and load balancing', () => {
  const cases: Case[] = [
    ['no address', 'Backend', { spec: { address: null } }, '/spec/address'],
    ['a name as an address', 'Backend', { spec: { address: 'nginx1' } }, '/spec/address'],
    ['an address with a zone', 'Backend', { spec: { address: 'fe80::1%eth0' } }, '/spec/address'],
    ['an address with a length', 'Backend', { spec: { address: '10.0.0.1/32' } }, '/spec/address'],
    ['a blank healthcheck', 'Backend', { spec: { healthcheck: ' ' } }, '/spec/healthcheck'],
    ['a weight of a backend', 'Backend', { spec: { weight: 100 } }, '/spec/weight'],
    ['enabled as text', 'Backend', { spec: { enabled: 'true' } }, '/spec/enabled'],
    ['itself as a reason', 'Backend', { spec: { dependsOn: ['a', 'sample'] } }, '/spec/dependsOn/1'],

    ['no VIP', 'Frontend', { spec: { address: null } }, '/spec/address'],
    ['a VIP that is none', 'Frontend', { spec: { address: '192.0.2.0/24' } }, '/spec/address'],
    ['no pools', 'Frontend', { spec: { pools: null } }, '/spec/pools'],
    ['an empty list of pools', 'Frontend', pools(), '/spec/pools'],
    ['a pool without a name', 'Frontend', pools({ backends: { a: {} } }), '/spec/pools/0/name'],
    ['a pool with a blank name', 'Frontend', pools({ name: ' ' }), '/spec/pools/0/name'],
    ['two pools of one name', 'Frontend', pools({ name: 'a' }, { name: 'a' }), '/spec/pools/1/name'],
    [
      'a pool that says it is empty',
      'Frontend',
      pools({ name: 'a', backends: {} }),
      '/spec/pools/0/backends',
    ],
    [
      'a weight over 100',
      'Frontend',
      pools({ name: 'a', backends: { 'x/y': { weight: 101 } } }),
      '/spec/pools/0/backends/x~1y/weight',
    ],
    [
      'a weight below 0',
      'Frontend',
      pools({ name: 'a', backends: { x: { weight: -1 } } }),
      '/spec/pools/0/backends/x/weight',
    ],
    [
      'a backend in two pools',
      'Frontend',
      pools({ name: 'a', backends: { x: {}, y: {} } }, { name: 'b', backends: { y: {} } }),
      '/spec/pools/1/backends/y',
    ],
    ['a port without a protocol', 'Frontend', { spec: { protocol: null } }, '/spec/protocol'],
    ['a protocol without a port', 'Frontend', { spec: { port: null } }, '/spec/port'],
    ['a protocol with port 0', 'Frontend', { spec: { port: 0 } }, '/spec/port'],
    ['port 65536', 'Frontend', { spec: { port: 65536 } }, '/spec/port'],
    ['another protocol', 'Frontend', { spec: { protocol: 'sctp' } }, '/spec/protocol'],
    ['minUp 0', 'Frontend', { spec: { minUp: 0 } }, '/spec/minUp'],
    ['another activation', 'Frontend', { spec: { poolActivation: 'any' } }, '/spec/poolActivation'],
    ['another way out', 'Frontend', { spec: { allDown: 'panic' } }, '/spec/allDown'],
    ['a bad failback delay', 'Frontend', { spec: { failbackDelay: '30' } }, '/spec/failbackDelay'],
    ['another algorithm', 'Frontend', { spec: { algorithm: 'first' } }, '/spec/algorithm'],
    ['a negative slow start', 'Frontend', { spec: { slowStart: '-1s' } }, '/spec/slowStart'],

    ['another name than the pair', 'PoolMember', { metadata: { name: 'sample' } }, '/metadata/name'],
    ['the pair the other way round', 'PoolMember', { spec: { backendRef: 'other' } }, '/metadata/name'],
    ['a weight over 100', 'PoolMember', { spec: { weight: 101 } }, '/spec/weight'],
    ['no pool', 'PoolMember', { spec: { pool: null } }, '/spec/pool'],
    ['a pool of no frontend', 'PoolMember', { spec: { frontendRef: null } }, '/spec/frontendRef'],
    ['nothing to join', 'PoolMember', { spec: { frontendRef: null, pool: null } }, '/spec/frontendRef'],
    ['a frontend and a Pool', 'PoolMember', { spec: { poolRef: 'sample' } }, '/spec/poolRef'],
    ['a Pool and a pool', 'PoolMember', ofPool({ pool: 'primary' }), '/spec/poolRef'],
    [
      'the name of a member of a Frontend for one of a Pool',
      'PoolMember',
      { ...ofPool(), metadata: { name: 'sample/sample' } },
      '/metadata/name',
    ],

    ['no VIP', 'LoadBalancer', { spec: { address: null } }, '/spec/address'],
    ['a VIP with a length', 'LoadBalancer', { spec: { address: '192.0.2.2/32' } }, '/spec/address'],
    ['a port', 'LoadBalancer', { spec: { port: 80 } }, '/spec/port'],

    ['no LoadBalancer', 'Listener', { spec: { loadBalancer: null } }, '/spec/loadBalancer'],
    ['no protocol', 'Listener', { spec: { protocol: null } }, '/spec/protocol'],
    ['another protocol', 'Listener', { spec: { protocol: 'sctp' } }, '/spec/protocol'],
    ['no port', 'Listener', { spec: { port: null } }, '/spec/port'],
    ['all ports', 'Listener', { spec: { port: 0 } }, '/spec/port'],
    ['port 65536', 'Listener', { spec: { port: 65536 } }, '/spec/port'],
    ['an empty list of pools', 'Listener', { spec: { pools: [] } }, '/spec/pools'],
    ['a pool without a name', 'Listener', { spec: { pools: ['a', ' '] } }, '/spec/pools/1'],
    ['a pool twice', 'Listener', { spec: { pools: ['a', 'b', 'a'] } }, '/spec/pools/2'],
    ['no connections', 'Listener', { spec: { connectionLimit: 0 } }, '/spec/connectionLimit'],
    ['no time to connect', 'Listener', { spec: { connectTimeout: '0s' } }, '/spec/connectTimeout'],
    ['a time without a unit', 'Listener', { spec: { clientTimeout: '50' } }, '/spec/clientTimeout'],
    ['another way out', 'Listener', { spec: { allDown: 'panic' } }, '/spec/allDown'],
    ['minUp 0', 'Listener', { spec: { minUp: 0 } }, '/spec/minUp'],
    ['no tls where it ends', 'Listener', { spec: { tls: null } }, '/spec/tls'],
    ['tls where it does not end', 'Listener', { spec: { protocol: 'http' } }, '/spec/tls'],
    ['no certificates', 'Listener', { spec: { tls: { certificates: [] } } }, '/spec/tls/certificates'],
    [
      'more certificates than there may be',
      'Listener',
      { spec: { tls: { certificates: Array.from({ length: 101 }, (_none, at) => `c${at}`) } } },
      '/spec/tls/certificates',
    ],
    [
      'a certificate twice',
      'Listener',
      { spec: { tls: { certificates: ['a', 'a'] } } },
      '/spec/tls/certificates/1',
    ],
    ['a broken version of TLS', 'Listener', { spec: { tls: { minVersion: '1.1' } } }, '/spec/tls/minVersion'],
    ['another header', 'Listener', { spec: { insertHeaders: ['Forwarded'] } }, '/spec/insertHeaders/0'],
    [
      'a header twice',
      'Listener',
      { spec: { insertHeaders: ['X-Forwarded-For', 'X-Forwarded-For'] } },
      '/spec/insertHeaders/1',
    ],
    [
      'headers of what is no request',
      'Listener',
      { spec: { protocol: 'tcp', tls: null } },
      '/spec/insertHeaders',
    ],
    ['a forwarding that is none', 'Listener', { spec: { forwarding: 'nat' } }, '/spec/forwarding'],
    [
      'direct server return of requests',
      'Listener',
      { spec: { ...PLAIN_DSR, protocol: 'http' } },
      '/spec/forwarding',
    ],
    [
      'a limit of connections that nobody counts',
      'Listener',
      { spec: { ...PLAIN_DSR, connectionLimit: 1 } },
      '/spec/connectionLimit',
    ],
    [
      'times of connections that nobody knows',
      'Listener',
      { spec: { ...PLAIN_DSR, targetTimeout: '5s' } },
      '/spec/targetTimeout',
    ],
    ['no listener', 'L7Policy', { spec: { listener: null } }, '/spec/listener'],
    ['an action that is none', 'L7Policy', { spec: { action: 'redirect-to-host' } }, '/spec/action'],
    [
      'no pool to redirect to',
      'L7Policy',
      { spec: { action: 'redirect-to-pool', url: null, code: null } },
      '/spec/redirectPool',
    ],
    ['a pool of another action', 'L7Policy', { spec: { redirectPool: 'api' } }, '/spec/redirectPool'],
    [
      'a code of what no client is told',
      'L7Policy',
      { spec: { action: 'redirect-to-pool', url: null, redirectPool: 'api' } },
      '/spec/code',
    ],
    ['position 0', 'L7Policy', { spec: { position: 0 } }, '/spec/position'],
    ['no url to redirect to', 'L7Policy', { spec: { url: null } }, '/spec/url'],
    ['a url of no web', 'L7Policy', { spec: { url: 'ftp://a.example' } }, '/spec/url'],
    ['a url with a line break', 'L7Policy', { spec: { url: 'https://a.example/\r\nx: y' } }, '/spec/url'],
    ['a url with a blank', 'L7Policy', { spec: { url: 'https://a.example/a b' } }, '/spec/url'],
    ['a url without a host', 'L7Policy', { spec: { url: 'https://' } }, '/spec/url'],
    ['a url too long', 'L7Policy', { spec: { url: `https://a.example/${'a'.repeat(1024)}` } }, '/spec/url'],
    ['a url of another action', 'L7Policy', { spec: { action: 'reject', code: null } }, '/spec/url'],
    ['a code of what is no redirect', 'L7Policy', { spec: { action: 'reject', url: null } }, '/spec/code'],
    ['another code', 'L7Policy', { spec: { code: 200 } }, '/spec/code'],
    ['no prefix', 'L7Policy', { spec: { action: 'redirect-prefix', url: null } }, '/spec/prefix'],
    [
      'a prefix with a query',
      'L7Policy',
      { spec: { action: 'redirect-prefix', url: null, prefix: 'https://a.example/?q=1' } },
      '/spec/prefix',
    ],
    ['no policy', 'L7Rule', { spec: { policy: null } }, '/spec/policy'],
    ['another type', 'L7Rule', { spec: { type: 'method' } }, '/spec/type'],
    ['a header without its name', 'L7Rule', { spec: { key: null } }, '/spec/key'],
    ['a header that is two words', 'L7Rule', { spec: { key: 'user agent' } }, '/spec/key'],
    ['a header that is a bracket', 'L7Rule', { spec: { key: 'a),path(' } }, '/spec/key'],
    ['a cookie that is none', 'L7Rule', { spec: { type: 'cookie', key: 'a=b' } }, '/spec/key'],
    ['a path with a name', 'L7Rule', { spec: { type: 'path' } }, '/spec/key'],
    ['another comparison', 'L7Rule', { spec: { compare: 'like' } }, '/spec/compare'],
    [
      'the beginning of a file type',
      'L7Rule',
      { spec: { type: 'file-type', key: null, compare: 'starts-with' } },
      '/spec/compare',
    ],
    ['no value', 'L7Rule', { spec: { value: '' } }, '/spec/value'],
    ['a value too long', 'L7Rule', { spec: { value: 'a'.repeat(256) } }, '/spec/value'],
    ['a value of two lines', 'L7Rule', { spec: { compare: 'contains', value: 'a\nb' } }, '/spec/value'],
    ['a broken expression', 'L7Rule', { spec: { value: '(' } }, '/spec/value'],
    ['an expression that looks back', 'L7Rule', { spec: { value: '(a)\\1' } }, '/spec/value'],
    ['no file', 'Certificate', { spec: { file: null } }, '/spec/file'],
    ['a relative file', 'Certificate', { spec: { file: 'shop.pem' } }, '/spec/file'],
    ['a relative key', 'Certificate', { spec: { keyFile: 'shop.key' } }, '/spec/keyFile'],
    ['another PROXY protocol', 'Pool', { spec: { proxyProtocol: 'v3' } }, '/spec/proxyProtocol'],

    ['another algorithm', 'Pool', { spec: { algorithm: 'first', tableSize: null } }, '/spec/algorithm'],
    ['a table of another algorithm', 'Pool', { spec: { algorithm: 'random' } }, '/spec/tableSize'],
    ['a table of the default algorithm', 'Pool', { spec: { algorithm: null } }, '/spec/tableSize'],
    ['a table that is no prime', 'Pool', { spec: { tableSize: 4095 } }, '/spec/tableSize'],
    ['a table that is too small', 'Pool', { spec: { tableSize: 241 } }, '/spec/tableSize'],
    ['a table that is too large', 'Pool', { spec: { tableSize: 655_379 } }, '/spec/tableSize'],
    ['a pool that says it is empty', 'Pool', { spec: { backends: { sample: null } } }, '/spec/backends'],
    [
      'a weight over 100',
      'Pool',
      { spec: { backends: { 'x/y': { weight: 101 } } } },
      '/spec/backends/x~1y/weight',
    ],
    ['another affinity', 'Pool', affinity({ type: 'header', cookie: null }), '/spec/affinity/type'],
    ['a cookie without a name', 'Pool', affinity({ cookie: null }), '/spec/affinity/cookie'],
    ['a cookie of two lines', 'Pool', affinity({ cookie: 'a\nb' }), '/spec/affinity/cookie'],
    ['a cookie with a blank', 'Pool', affinity({ cookie: 'a b' }), '/spec/affinity/cookie'],
    ['a cookie with a time', 'Pool', affinity({ timeout: '1m' }), '/spec/affinity/timeout'],
    [
      'affinity without time',
      'Pool',
      affinity({ type: 'source-ip', cookie: null, timeout: '0s' }),
      '/spec/affinity/timeout',
    ],

    ['a second checker', 'HealthChecker', { metadata: { name: 'other' } }, '/metadata/name'],
    ['no history', 'HealthChecker', { spec: { transitionHistory: 0 } }, '/spec/transitionHistory'],
    ['a netns with a path', 'HealthChecker', { spec: { netns: '/run/netns/a' } }, '/spec/netns'],
    ['a guard of 0', 'HealthChecker', { spec: { guardPercent: 0 } }, '/spec/guardPercent'],
    ['a guard over 100', 'HealthChecker', { spec: { guardPercent: 101 } }, '/spec/guardPercent'],

    ['a second data plane', 'VppDataPlane', { metadata: { name: 'other' } }, '/metadata/name'],
    ['no IPv4 source', 'VppDataPlane', { spec: { ipv4SrcAddress: null } }, '/spec/ipv4SrcAddress'],
    ['no IPv6 source', 'VppDataPlane', { spec: { ipv6SrcAddress: null } }, '/spec/ipv6SrcAddress'],
    ['an IPv6 as IPv4', 'VppDataPlane', { spec: { ipv4SrcAddress: '::1' } }, '/spec/ipv4SrcAddress'],
    ['an IPv4 as IPv6', 'VppDataPlane', { spec: { ipv6SrcAddress: '10.0.0.1' } }, '/spec/ipv6SrcAddress'],
    ['syncing without a pause', 'VppDataPlane', { spec: { syncInterval: '0s' } }, '/spec/syncInterval'],
    [
      'an end before the start',
      'VppDataPlane',
      { spec: { startupMinDelay: '10s', startupMaxDelay: '9s' } },
      '/spec/startupMaxDelay',
    ],
    [
      'a start after the default end',
      'VppDataPlane',
      { spec: { startupMinDelay: '31s', startupMaxDelay: null } },
      '/spec/startupMinDelay',
    ],
    [
      'an end before the default start',
      'VppDataPlane',
      { spec: { startupMinDelay: null, startupMaxDelay: '4s' } },
      '/spec/startupMaxDelay',
    ],
    ['half a second of flow', 'VppDataPlane', { spec: { flowTimeout: '500ms' } }, '/spec/flowTimeout'],
    [
      'a bucket too many',
      'VppDataPlane',
      { spec: { stickyBucketsPerCore: 1025 } },
      '/spec/stickyBucketsPerCore',
    ],
    ['no buckets', 'VppDataPlane', { spec: { stickyBucketsPerCore: 0 } }, '/spec/stickyBucketsPerCore'],

    ['no driver', 'Node', { spec: { driver: null } }, '/spec/driver'],
    ['a driver that nobody has', 'Node', { spec: { driver: 'ipvs' } }, '/spec/driver'],
    ['a listener without a name', 'Node', { spec: { listeners: ['web', ''] } }, '/spec/listeners/1'],
    ['port 0', 'Node', listenMap({ vip: '192.0.2.1', port: 0, listen: '::1' }), '/spec/listenMap/0/port'],
    ['a VIP of no host', 'Node', listenMap({ vip: '0.0.0.0', listen: '127.0.0.1' }), '/spec/listenMap/0/vip'],
    [
      'one VIP and port twice',
      'Node',
      listenMap(
        { vip: '2001:db8::1', port: 80, listen: '::1' },
        { vip: '2001:DB8:0::1', listen: '::1' },
        { vip: '2001:DB8:0::1', port: 80, listen: '::1' },
      ),
      '/spec/listenMap/2',
    ],
    [
      'an end before the start, of a node',
      'Node',
      { spec: { startupMinDelay: '10s', startupMaxDelay: '9s' } },
      '/spec/startupMaxDelay',
    ],
    [
      'a start after the default end, of a node',
      'Node',
      { spec: { startupMinDelay: '31s', startupMaxDelay: null } },
      '/spec/startupMinDelay',
    ],
    ['no time to sync', 'Node', { spec: { syncInterval: '0s' } }, '/spec/syncInterval'],

    ['no end', 'MaintenanceWindow', window({ to: null }), '/spec/to'],
    ['an end at the start', 'MaintenanceWindow', window({ to: '2026-05-30T12:00:00Z' }), '/spec/to'],
    [
      'an end before the start, in another zone',
      'MaintenanceWindow',
      window({ to: '2026-05-30T14:00:00+03:00' }),
      '/spec/to',
    ],
    ['a start without a zone', 'MaintenanceWindow', window({ from: '2026-05-30T12:00:00' }), '/spec/from'],
  ];
  it.each(cases)('refuse %s (%s)', (_what, kind, change, pointer) => {
    expect(wrongFields(kind, change)).toEqual([pointer]);
  });

  it.each<[SampleKind, Record<string, unknown>]>([
    ['Backend', { spec: { address: '2001:db8::1', healthcheck: null } }],
    ['Frontend', { spec: { protocol: null, port: null } }],
    ['Frontend', { spec: { protocol: null, port: 0 } }],
    ['Frontend', { spec: { failbackDelay: '0s', slowStart: '0s' } }],
    ['Frontend', pools({ name: 'a', backends: { x: { weight: 0 }, y: { weight: 100 }, z: {} } })],
    ['HealthChecker', { spec: { transitionHistory: 1, guardPercent: 1 } }],
    ['HealthChecker', { spec: { transitionHistory: null, netns: null, guardPercent: 100 } }],
    ['VppDataPlane', { spec: { startupMinDelay: '0s', startupMaxDelay: '0s' } }],
    ['VppDataPlane', { spec: { startupMinDelay: '30s', startupMaxDelay: null, stickyBucketsPerCore: 1 } }],
    ['Node', { spec: { listeners: [], listenMap: [], startupMinDelay: '0s', startupMaxDelay: '0s' } }],
    ['Node', listenMap({ vip: '192.0.2.1', listen: '0.0.0.0' }, { vip: '192.0.2.1', port: 1, listen: '::' })],
    ['MaintenanceWindow', { spec: { backends: null, frontends: null, reason: null } }],
    ['PoolMember', ofPool()],
    ['LoadBalancer', { spec: { address: '2001:db8::2', description: null, enabled: null } }],
    [
      'Listener',
      {
        spec: {
          tls: null,
          insertHeaders: null,
          protocol: 'udp',
          port: 65535,
          pools: ['a', 'b'],
          clientTimeout: '0s',
        },
      },
    ],
    ['Listener', { spec: PLAIN_DSR }],
    ['Listener', { spec: { ...PLAIN_DSR, protocol: 'udp' } }],
    ['Pool', { spec: { algorithm: null, tableSize: null, affinity: null, backends: null } }],
    ['L7Policy', { spec: { action: 'reject', url: null, code: null, enabled: null } }],
    [
      'L7Policy',
      { spec: { action: 'redirect-prefix', url: null, prefix: 'http://a.example/b/', code: 308 } },
    ],
    ['L7Rule', { spec: { type: 'file-type', key: null, value: 'jpe?g' } }],
    ['L7Rule', { spec: { type: 'cookie', key: 'JSESSIONID', compare: 'ends-with', value: '(' } }],
    ['L7Rule', { spec: { type: 'host-name', key: null, compare: 'equal-to', value: 'a.example' } }],
    ['Pool', { spec: { tableSize: 251 } }],
    ['Pool', { spec: { tableSize: 655_373 } }],
    ['Pool', affinity({ type: 'source-ip', cookie: null })],
    ['Pool', affinity({ type: 'app-cookie', cookie: 'JSESSIONID' })],
  ])('accept %s %j', (kind, change) => {
    expect(wrongFields(kind, change)).toEqual([]);
  });
});
