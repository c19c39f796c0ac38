import type { ResourceLookup } from '../kind.js';
import { sample, wrongFields } from '../sample-resources.fixture.js';
import { specOf } from '../spec-of.js';
import { BACKEND_SOURCE, readDnsServer } from './backend-source.js';
import { type BackendSourceSpec, wayOf } from './backend-source-specs.js';

/** The sample with another way; null leaves a member out. */
function of(way: Record<string, unknown>, change: Record<string, unknown> = {}): Record<string, unknown> {
  return { spec: { facts: null, ...way, ...change } };
}

describe('BackendSource', () => {
  it('has exactly one way', () => {
    expect(wrongFields('BackendSource', {})).toEqual([]);
    expect(wrongFields('BackendSource', of({}))).toEqual(['/spec']);
    expect(wrongFields('BackendSource', { spec: { file: { path: 'web.json' } } })).toEqual(['/spec/file']);
    expect(wayOf(specOf<BackendSourceSpec>(sample('BackendSource', of({ file: { path: 'a' } }))))).toBe(
      'file',
    );
  });

  it('names the pool that its backends join, unless it brings pools', () => {
    const kubernetes = { kubernetes: { server: 'https://10.0.0.1:6443' } };
    expect(wrongFields('BackendSource', { spec: { pool: null } })).toEqual(['/spec/pool']);
    expect(wrongFields('BackendSource', of(kubernetes, { pool: null }))).toEqual([]);
    expect(wrongFields('BackendSource', of(kubernetes))).toEqual(['/spec/pool']);
  });

  it.each(['/etc/passwd', '../token', 'a/../b', './a', 'a//b', 'a/', '.'])(
    'takes no path that leads elsewhere: %s',
    (path) => {
      expect(wrongFields('BackendSource', of({ file: { path } }))).toEqual(['/spec/file/path']);
      const kubernetes = { server: 'http://127.0.0.1:1', credentials: path };
      expect(wrongFields('BackendSource', of({ kubernetes }, { pool: null }))).toEqual([
        '/spec/kubernetes/credentials',
      ]);
    },
  );

  it('takes paths below the directory of sources', () => {
    expect(wrongFields('BackendSource', of({ file: { path: 'team-a/web.yaml' } }))).toEqual([]);
  });

  it('knows which records name ports', () => {
    const dns = { name: 'web.example.net' };
    expect(wrongFields('BackendSource', of({ dns: { ...dns, type: 'A' } }))).toEqual(['/spec/dns/port']);
    expect(wrongFields('BackendSource', of({ dns: { ...dns, type: 'SRV', port: 80 } }))).toEqual([
      '/spec/dns/port',
    ]);
    expect(wrongFields('BackendSource', of({ dns: { ...dns, type: 'SRV' } }))).toEqual([]);
    expect(wrongFields('BackendSource', of({ dns: { ...dns, type: 'AAAA', port: 80 } }))).toEqual([]);
  });

  it('knows which records name no family', () => {
    const dns = { name: 'web.example.net', family: 'ipv6' };
    expect(wrongFields('BackendSource', of({ dns: { ...dns, type: 'SRV' } }))).toEqual([]);
    expect(wrongFields('BackendSource', of({ dns: { ...dns, type: 'AAAA', port: 80 } }))).toEqual([
      '/spec/dns/family',
    ]);
  });

  it('asks neither more nor less often than it may', () => {
    const dns = { name: 'web.example.net', type: 'SRV' };
    expect(wrongFields('BackendSource', of({ dns: { ...dns, minInterval: '2m' } }))).toEqual([
      '/spec/dns/minInterval',
    ]);
    expect(wrongFields('BackendSource', of({ dns: { ...dns, maxInterval: '1s' } }))).toEqual([
      '/spec/dns/maxInterval',
    ]);
    expect(
      wrongFields('BackendSource', of({ dns: { ...dns, minInterval: '1s', maxInterval: '1s' } })),
    ).toEqual([]);
  });

  it.each([
    ['192.0.2.53', { address: '192.0.2.53', port: 53 }],
    ['192.0.2.53:5353', { address: '192.0.2.53', port: 5353 }],
    ['2001:db8::53', { address: '2001:db8::53', port: 53 }],
    ['[2001:db8::53]:5353', { address: '2001:db8::53', port: 5353 }],
  ])('reads the server %s', (text, server) => {
    expect(readDnsServer(text)).toEqual(server);
  });

  it.each([
    '',
    'ns.example.net',
    '192.0.2.53:',
    '192.0.2.53:0',
    '192.0.2.53:65536',
    '[192.0.2.53]:53',
    '[::1]',
  ])('reads no server from %s', (text) => {
    expect(readDnsServer(text)).toBeUndefined();
    const dns = { name: 'web.example.net', type: 'SRV', servers: ['192.0.2.1', text] };
    expect(wrongFields('BackendSource', of({ dns }))).toEqual(['/spec/dns/servers/1']);
  });

  it('retracts by another type than it registers by', () => {
    expect(wrongFields('BackendSource', { spec: { facts: { retractType: 'vm.endpoint.up' } } })).toEqual([
      '/spec/facts/retractType',
    ]);
  });

  it('is told of a VipPool that serves others as of one that is not there', () => {
    const kubernetes = { server: 'http://127.0.0.1:1', vipPool: 'sample' };
    const source = sample('BackendSource', of({ kubernetes }, { pool: null, healthCheck: null }));
    const errorsWith = (projects: readonly string[] | undefined): unknown => {
      const pool = sample('VipPool', { spec: { projects: projects ?? null } });
      const lookup: ResourceLookup = (_version, kind) =>
        kind === 'VipPool' && projects?.[0] !== 'none' ? pool : undefined;
      return BACKEND_SOURCE.checkReferences!(source, Object.assign(lookup, { project: 'shop' }));
    };
    expect([errorsWith(undefined), errorsWith(['lab', 'shop'])]).toEqual([[], []]);
    expect(errorsWith(['lab'])).toEqual(errorsWith(['none']));
    expect(errorsWith(['lab'])).toMatchObject([{ pointer: '/spec/kubernetes/vipPool' }]);
  });

  it('has a name that its backends can begin with', () => {
    expect(wrongFields('BackendSource', { metadata: { name: 'a'.repeat(128) } })).toEqual([]);
    expect(wrongFields('BackendSource', { metadata: { name: 'a'.repeat(129) } })).toEqual(['/metadata/name']);
  });
});
