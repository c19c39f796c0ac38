import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkSet } from '../../references.js';
import { keyOf, refOf, type Resource } from '../../resource.js';
import { sample, type SampleKind } from '../sample-resources.fixture.js';
import { poolMemberName } from './pool-member.js';

const BARE = {
  Backend: { healthcheck: null },
  LoadBalancer: {},
  Listener: { protocol: 'tcp', tls: null, insertHeaders: null },
  Pool: { algorithm: null, tableSize: null, affinity: null, proxyProtocol: null, backends: null },
} as const;

const named = (kind: keyof typeof BARE, name: string, spec: Record<string, unknown> = {}): Resource =>
  sample(kind, { metadata: { name }, spec: { ...BARE[kind], ...spec } });
const backend = (name: string, address: string, spec: Record<string, unknown> = {}): Resource =>
  named('Backend', name, { address, ...spec });
const balancer = (name: string, address = '192.0.2.1'): Resource => named('LoadBalancer', name, { address });
const listener = (name: string, spec: Record<string, unknown> = {}): Resource =>
  named('Listener', name, { loadBalancer: 'lb', port: 80, pools: ['a'], ...spec });
const pool = (name: string, backends: readonly string[], spec: Record<string, unknown> = {}): Resource => {
  const made = named('Pool', name, spec);
  if (backends.length === 0) return made;
  return { ...made, spec: { ...made.spec, backends: Object.fromEntries(backends.map((one) => [one, {}])) } };
};
const member = (poolRef: string, backendRef: string): Resource =>
  sample('PoolMember', {
    metadata: { name: poolMemberName({ poolRef, backendRef }) },
    spec: { frontendRef: null, pool: null, poolRef, backendRef },
  });
const frontend = (name: string, spec: Record<string, unknown> = {}): Resource => {
  const pools = [{ name: 'primary' }];
  return sample('Frontend' satisfies SampleKind, { metadata: { name }, spec: { pools, ...spec } });
};

/** Errors of a set of which some resources were touched (all unless told), as `Kind/name pointer message`. */
function errorsOf(resources: readonly Resource[], touched: readonly Resource[] = resources): string[] {
  const set = new Map(resources.map((resource) => [keyOf(resource), resource]));
  return checkSet(set, touched.map(refOf)).flatMap(({ ref, errors }) =>
    errors.map(({ pointer, message }) => `${ref.kind}/${ref.name} ${pointer} ${message}`),
  );
}

const LB = balancer('lb');
const V4 = [backend('n1', '10.0.0.1'), backend('n2', '10.0.0.2'), backend('n3', '10.0.0.3')];

describe('a Listener', () => {
  it('needs its LoadBalancer and its pools, whichever of them is deleted', () => {
    const web = listener('web', { pools: ['a', 'b'] });
    const missing = (kind: string, pointer: string): string =>
      `Listener/web ${pointer} ${kind} does not exist: declare it or correct the name`;
    const set = [...V4, LB, web, pool('a', ['n1']), pool('b', ['n2'])];
    expect(errorsOf(set)).toEqual([]);
    expect(
      errorsOf(
        set.filter((one) => one !== LB),
        [LB],
      ),
    ).toEqual([missing('LoadBalancer/lb', '/spec/loadBalancer')]);
    expect(errorsOf(set.slice(0, -1), [set.at(-1)!])).toEqual([missing('Pool/b', '/spec/pools/1')]);
  });

  it('has pools that spread and remember clients alike', () => {
    const of = (first: Record<string, unknown>, second: Record<string, unknown>): string[] => {
      const pools = [pool('a', ['n1'], first), pool('b', ['n2'], second)];
      return errorsOf([...V4, LB, listener('web', { protocol: 'http', pools: ['a', 'b'] }), ...pools], pools);
    };
    const differs = (what: string): string =>
      `Listener/web /spec/pools/1 Pool/b has another ${what} than Pool/a: pools of one listener share it`;
    const sticky = (affinity: object): Record<string, unknown> => ({ affinity });
    expect(of({}, { algorithm: 'maglev' })).toEqual([differs('algorithm')]);
    expect(of({ algorithm: 'maglev' }, { algorithm: 'maglev', tableSize: 251 })).toEqual([
      differs('tableSize'),
    ]);
    expect(of(sticky({ type: 'source-ip' }), {})).toEqual([differs('affinity')]);
    const cookies = [
      { type: 'http-cookie', cookie: 'a' },
      { type: 'http-cookie', cookie: 'b' },
    ] as const;
    expect(of(sticky(cookies[0]), sticky(cookies[1]))).toEqual([differs('affinity')]);
    expect(of(sticky(cookies[0]), sticky(cookies[0]))).toEqual([]);
    expect(of({ proxyProtocol: 'v1' }, {})).toEqual([differs('proxyProtocol')]);
    expect(of({}, { algorithm: 'round-robin' })).toEqual([]);
    expect(of(sticky({ type: 'source-ip' }), sticky({ type: 'source-ip', timeout: '60s' }))).toEqual([]);
  });

  it('that does not read requests has no pool with a cookie', () => {
    const shop = pool('a', ['n1'], { affinity: { type: 'app-cookie', cookie: 'id' } });
    expect(errorsOf([...V4, LB, listener('web'), shop])).toEqual([
      'Listener/web /spec/pools/0 Pool/a has the affinity app-cookie, which needs protocol http or terminated-https',
    ]);
    expect(errorsOf([...V4, LB, listener('web', { protocol: 'http' }), shop])).toEqual([]);
  });

  it('that carries datagrams tells nobody of its clients by the PROXY protocol', () => {
    const told = pool('a', ['n1'], { proxyProtocol: 'v1' });
    expect(errorsOf([...V4, LB, listener('web', { protocol: 'udp' }), told])).toEqual([
      'Listener/web /spec/pools/0 Pool/a has a proxyProtocol, which needs connections: the protocol is udp',
    ]);
    expect(errorsOf([...V4, LB, listener('web'), told])).toEqual([]);
  });

  describe('whose backends answer clients themselves', () => {
    const dsr = (spec: Record<string, unknown> = {}) =>
      listener('web', {
        forwarding: 'dsr',
        ...{ connectionLimit: null, connectTimeout: null, clientTimeout: null, targetTimeout: null },
        ...spec,
      });
    const hashed = (backends: readonly string[], spec: Record<string, unknown> = {}) =>
      pool('a', backends, { algorithm: 'maglev', ...spec });

    it('has pools that choose by the client alone, and remember nobody', () => {
      const of = (spec: Record<string, unknown>) => errorsOf([...V4, LB, dsr(), hashed(['n1'], spec)]);
      const told = 'Listener/web /spec/pools/0 Pool/a has';
      expect(of({})).toEqual([]);
      expect(of({ algorithm: 'source-hash' })).toEqual([]);
      for (const algorithm of ['round-robin', 'least-connections', 'random'])
        expect(of({ algorithm })).toEqual([
          `${told} the algorithm ${algorithm}: forwarding dsr needs source-hash or maglev`,
        ]);
      expect(of({ algorithm: null })).toEqual([
        `${told} the algorithm round-robin: forwarding dsr needs source-hash or maglev`,
      ]);
      expect(of({ affinity: { type: 'source-ip' } })).toEqual([
        `${told} the affinity source-ip, and with forwarding dsr nobody remembers clients: source-hash gives each address one backend`,
      ]);
      expect(of({ proxyProtocol: 'v1' })).toEqual([
        `${told} a proxyProtocol, and with forwarding dsr backends see clients themselves: remove it`,
      ]);
    });

    it('has backends with its port, whoever names them and whichever of them changes', () => {
      const other = backend('n4', '10.0.0.4', { port: 8080 });
      const why = 'has port 8080, but forwarding dsr needs that of the listener: 80';
      const set = [...V4, other, LB, dsr()];
      const pools = hashed(['n1', 'n4']);
      expect(errorsOf([...set, pools], [dsr()])).toEqual([
        `Listener/web /spec/pools/0 Backend/n4 of Pool/a ${why}`,
      ]);
      expect(errorsOf([...set, pools], [other])).toContain(`Pool/a /spec/backends/n4 ${why}`);
      expect(errorsOf([...set, hashed([]), member('a', 'n4')], [member('a', 'n4')])).toEqual([
        `PoolMember/pool/a/n4 /spec/backendRef ${why}`,
      ]);
      const same = backend('n4', '10.0.0.4', { port: 80 });
      expect(errorsOf([...V4, same, LB, dsr(), pools])).toEqual([]);
      expect(errorsOf([...V4, other, LB, listener('web'), pools])).toEqual([]);
    });

    it('has backends of the family of its VIP', () => {
      const six = backend('s1', '2001:db8::1');
      expect(errorsOf([six, LB, dsr(), hashed(['s1'])], [dsr()])).toEqual([
        'Listener/web /spec/pools/0 Backend/s1 of Pool/a is ipv6, but forwarding dsr needs the family of the VIP 192.0.2.1',
      ]);
      expect(errorsOf([six, balancer('lb', '2001:db8::10'), dsr(), hashed(['s1'])])).toEqual([]);
      expect(errorsOf([six, LB, listener('web'), hashed(['s1'])])).toEqual([]);
    });
  });

  it('that ends TLS needs its certificates, of its own project', () => {
    const names = ['shop', 'mail'];
    const web = listener('web', { protocol: 'terminated-https', tls: { certificates: names } });
    const [shop, mail] = names.map((name) => sample('Certificate', { metadata: { name } })) as [
      Resource,
      Resource,
    ];
    const set = [...V4, LB, pool('a', ['n1']), web, shop];
    const missing = 'does not exist: declare it or correct the name';
    expect(errorsOf([...set, mail])).toEqual([]);
    expect(errorsOf(set, [mail])).toEqual([
      `Listener/web /spec/tls/certificates/1 Certificate/mail ${missing}`,
    ]);
    const far = sample('Certificate', { metadata: { name: 'mail', project: 'lab' } });
    expect(errorsOf([...set, far], [web])).toHaveLength(1);
  });

  it('that ends TLS has the cookies of one that reads requests', () => {
    const shop = pool('a', ['n1'], { affinity: { type: 'app-cookie', cookie: 'id' } });
    const web = listener('web', { protocol: 'terminated-https', tls: { certificates: ['sample'] } });
    expect(errorsOf([...V4, LB, web, shop, sample('Certificate')])).toEqual([]);
  });

  it('has a service of its VIP for itself, whichever LoadBalancer has the VIP', () => {
    const twin = balancer('twin');
    const set = (spec: Record<string, unknown>): Resource[] => [
      ...V4,
      LB,
      twin,
      pool('a', ['n1']),
      listener('web'),
      listener('other', { loadBalancer: 'twin', ...spec }),
    ];
    const taken = 'Listener/web already serves tcp port 80 of 192.0.2.1';
    expect(errorsOf(set({}), [twin])).toEqual([`Listener/other /spec/port ${taken}`]);
    expect(errorsOf(set({ protocol: 'http' }), [twin])).toEqual([`Listener/other /spec/port ${taken}`]);
    const ends = { protocol: 'terminated-https', tls: { certificates: ['sample'] } };
    expect(errorsOf([...set(ends), sample('Certificate')], [twin])).toEqual([
      `Listener/other /spec/port ${taken}`,
    ]);
    expect(errorsOf(set({ protocol: 'udp' }))).toEqual([]);
    expect(errorsOf(set({ port: 81 }))).toEqual([]);
  });

  it('R21 shares its VIP with no Frontend of the same port or of all ports', () => {
    const set = [...V4, LB, pool('a', ['n1']), listener('web')];
    const same = frontend('front', { protocol: 'tcp', port: 80 });
    expect(errorsOf([...set, same], [same])).toEqual([
      'Frontend/front /spec/address Listener/web already serves tcp port 80 of 192.0.2.1',
    ]);
    const all = frontend('front', { protocol: null, port: null });
    expect(errorsOf([...set, all], [set.at(-1)!])).toEqual([
      'Listener/web /spec/port Frontend/front serves all ports of 192.0.2.1: all ports and single ports exclude each other',
    ]);
  });
});

describe('an L7Policy', () => {
  const policy = (name: string, its: string, project = 'default'): Resource =>
    sample('L7Policy', { metadata: { name, project }, spec: { listener: its } });
  const rule = (name: string, its: string): Resource =>
    sample('L7Rule', { metadata: { name }, spec: { policy: its } });
  const web = (protocol: string): Resource => listener('web', { protocol });
  const set = (protocol = 'http'): Resource[] => [...V4, LB, pool('a', ['n1']), web(protocol)];

  it('needs its Listener, which reads requests, and is needed by its rules', () => {
    expect(errorsOf([...set(), policy('p', 'web'), rule('r', 'p')])).toEqual([]);
    expect(errorsOf([...set(), policy('p', 'none'), rule('r', 'q')])).toEqual([
      'L7Policy/p /spec/listener Listener/none does not exist: declare it or correct the name',
      'L7Rule/r /spec/policy L7Policy/q does not exist: declare it or correct the name',
    ]);
    const needs =
      'L7Policy/p /spec/listener Listener/web has protocol tcp: a policy needs http or terminated-https';
    expect(errorsOf([...set('tcp'), policy('p', 'web')], [web('tcp')])).toEqual([needs]);
    expect(errorsOf([...set('tcp'), policy('p', 'web', 'lab')])).toHaveLength(1);
  });

  describe('that sends requests to a pool', () => {
    const toPool = (name: string, redirectPool: string, project?: string): Resource =>
      sample('L7Policy', {
        metadata: { name, ...(project !== undefined && { project }) },
        spec: { ...{ listener: 'web', action: 'redirect-to-pool', redirectPool }, url: null, code: null },
      });
    const [api, two] = [pool('api', ['n2']), pool('b', ['n3'])];
    const both = (...pools: readonly string[]): Resource => listener('web', { protocol: 'http', pools });
    const all = (...more: readonly Resource[]): Resource[] => [
      ...[...V4, LB, pool('a', ['n1']), two, api, toPool('p', 'api')],
      ...more,
    ];

    it('needs it in its project, whichever of them is deleted', () => {
      expect(errorsOf(all(both('a')))).toEqual([]);
      const missing = 'L7Policy/p /spec/redirectPool Pool/api does not exist: declare it or correct the name';
      expect(
        errorsOf(
          all(both('a')).filter((one) => one !== api),
          [api],
        ),
      ).toEqual([missing]);
      const far = sample('Pool', { metadata: { name: 'far', project: 'lab' } });
      expect(errorsOf(all(both('a'), far, toPool('q', 'far')), [toPool('q', 'far')])).toEqual([
        'L7Policy/q /spec/redirectPool Pool/far does not exist: declare it or correct the name',
      ]);
    });

    it('needs one that the Listener has not itself, whichever of them changes', () => {
      const own =
        'L7Policy/p /spec/redirectPool Pool/api is a pool of Listener/web itself: name another one, or invert the rules of others';
      for (const pools of [['api'], ['a', 'api']])
        expect(errorsOf(all(both(...pools)), [both(...pools)])).toEqual([own]);
      expect(errorsOf(all(both('a', 'api')), [toPool('p', 'api')])).toEqual([own]);
    });

    it('needs a Listener that reads requests', () => {
      expect(errorsOf(all(listener('web')), [listener('web')])).toEqual([
        'L7Policy/p /spec/listener Listener/web has protocol tcp: a policy needs http or terminated-https',
      ]);
    });

    it('may share backends and their places with the Listener, but no two of a pool share one', () => {
      const twin = backend('twin', '10.0.0.2');
      expect(errorsOf(all(both('a', 'b'), member('api', 'n1'), member('api', 'n3')))).toEqual([]);
      const joined = member('api', 'twin');
      const message = 'has the address 10.0.0.2 of Backend/n2 of Pool/api';
      expect(errorsOf(all(both('a'), twin, joined), [joined])).toEqual([
        `PoolMember/pool/api/twin /spec/backendRef ${message}`,
      ]);
      expect(errorsOf(all(both('a'), twin, joined, toPool('q', 'api')), [toPool('q', 'api')])).toEqual([
        expect.stringContaining('L7Policy/q /spec/redirectPool Backend/'),
      ]);
    });

    it('has backends of the family of all others behind the VIP', () => {
      const six = backend('six', '2001:db8::1');
      const strange = [six, pool('v6', ['six']), toPool('q', 'v6'), both('a')];
      const [, , last] = strange as [Resource, Resource, Resource];
      expect(errorsOf(all(...strange), [last])).toEqual([
        expect.stringMatching(/^L7Policy\/q \/spec\/redirectPool Backend\/six of Pool\/v6 is ipv6, but /),
      ]);
    });
  });

  it('has at most 50 rules, and a Listener 100 policies and 1,000 rules', () => {
    const policies = (count: number): Resource[] =>
      Array.from({ length: count }, (_none, at) => policy(`p${at}`, 'web'));
    const rules = (of: string, count: number): Resource[] =>
      Array.from({ length: count }, (_none, at) => rule(`${of}-r${at}`, of));
    const [last] = [rule('last', 'p0')];
    expect(errorsOf([...set(), ...policies(100), ...rules('p0', 49), last], [last])).toEqual([]);
    expect(errorsOf([...set(), ...policies(1), ...rules('p0', 50), last], [last])).toEqual([
      'L7Rule/last /spec/policy is one of 51 rules of its policy: at most 50 may be',
    ]);
    expect(errorsOf([...set(), ...policies(101)], [policy('p7', 'web')])).toEqual([
      'L7Policy/p7 /spec/listener is one of 101 policies of its Listener: at most 100 may be',
    ]);
    const many = Array.from({ length: 20 }, (_none, at) => rules(`p${at}`, at === 0 ? 49 : 50)).flat();
    expect(errorsOf([...set(), ...policies(21), ...many, last], [last])).toEqual([]);
    expect(errorsOf([...set(), ...policies(21), ...many, last, rule('over', 'p20')], [last])).toEqual([
      'L7Rule/last /spec/policy is one of 1001 rules of its Listener: at most 1000 may be',
    ]);
  });
});

describe('backends of a Listener', () => {
  it('are each at a place of their own, also across its pools', () => {
    const twin = backend('twin', '10.0.0.1');
    const both = listener('web', { pools: ['a', 'b'] });
    const [a, b] = [pool('a', ['n1']), pool('b', ['twin'])];
    const errors = [
      'Listener/web /spec/pools/0 Backend/n1 of Pool/a has the address 10.0.0.1 of Backend/twin of Pool/b',
      'Listener/web /spec/pools/1 Backend/twin of Pool/b has the address 10.0.0.1 of Backend/n1 of Pool/a',
    ];
    expect(errorsOf([...V4, twin, LB, both, a, b], [both])).toEqual(errors);
    expect(errorsOf([...V4, twin, LB, both, a, b], [b])).toEqual([
      ...errors,
      'Pool/b /spec/backends/twin has the address 10.0.0.1 of Backend/n1 of Pool/a',
    ]);
    const apart = [listener('web', { pools: ['a'] }), listener('other', { port: 81, pools: ['b'] })];
    expect(errorsOf([...V4, twin, LB, ...apart, a, b])).toEqual([]);
  });

  it('stand in one of its pools only, also when PoolMembers bring them', () => {
    const both = listener('web', { pools: ['a', 'b'] });
    const members = [member('a', 'n1'), member('b', 'n1')];
    expect(errorsOf([...V4, LB, both, pool('a', []), pool('b', []), ...members], [members[1]!])).toEqual([
      'PoolMember/pool/b/n1 /spec/backendRef has the address 10.0.0.1 of Backend/n1 of PoolMember/pool/a/n1',
    ]);
  });

  it('are of one family on one VIP, whoever names them', () => {
    const six = backend('s1', '2001:db8::1');
    const set = [...V4, six, LB, listener('web'), pool('a', []), member('a', 'n1')];
    const strange = listener('other', { port: 81, pools: ['b'] });
    expect(errorsOf([...set, strange, pool('b', ['s1'])], [strange])).toEqual([
      'Listener/other /spec/pools/0 Backend/s1 of Pool/b is ipv6, but Backend/n1 of PoolMember/pool/a/n1 is ipv4: backends behind 192.0.2.1 must be of one family',
    ]);
    const elsewhere = listener('other', { loadBalancer: 'far', pools: ['b'] });
    const far = balancer('far', '192.0.2.9');
    expect(errorsOf([...set, far, elsewhere, pool('b', ['s1'])])).toEqual([]);
  });
});

describe('a PoolMember of a Pool', () => {
  it('needs its Pool, and does not repeat what it says itself', () => {
    expect(errorsOf([...V4, member('a', 'n1')])).toEqual([
      'PoolMember/pool/a/n1 /spec/poolRef Pool/a does not exist: declare it or correct the name',
    ]);
    expect(errorsOf([...V4, pool('a', ['n1']), member('a', 'n1')])).toEqual([
      'PoolMember/pool/a/n1 /spec/backendRef already stands in Pool/a',
    ]);
    expect(errorsOf([...V4, pool('a', ['n1']), member('a', 'n2')])).toEqual([]);
  });

  it('fits the family of what the Pool names itself', () => {
    const set = [...V4, backend('s1', '2001:db8::1'), pool('a', ['n1']), member('a', 's1')];
    expect(errorsOf(set)).toEqual([
      'PoolMember/pool/a/s1 /spec/backendRef is ipv6, but Backend/n1 of Pool/a is ipv4',
    ]);
  });

  it('finds its Pool in use that is deleted', () => {
    expect(errorsOf([...V4, member('a', 'n1')], [pool('a', [])])).toHaveLength(1);
  });
});

describe('names', () => {
  const chosen = (frontends: readonly Resource[], others: readonly Resource[]): string[] =>
    errorsOf([...V4, ...frontends, ...others]);

  it('of a Frontend and of what it stands for are those of nothing else', () => {
    const front = frontend('lb', { address: '192.0.2.7' });
    expect(chosen([front], [LB])).toEqual([
      'Frontend/lb /metadata/name stands for LoadBalancer/lb, which is declared already: choose another name',
      'LoadBalancer/lb /metadata/name Frontend/lb stands for a LoadBalancer of this name: choose another',
    ]);
    expect(chosen([front], [pool('lb/primary', ['n1'])])).toEqual([
      'Frontend/lb /metadata/name stands for Pool/lb/primary, which is declared already: choose another name',
      'Pool/lb/primary /metadata/name Frontend/lb stands for a Pool of this name: choose another',
    ]);
    const web = frontend('web', { address: '192.0.2.7' });
    expect(errorsOf([...V4, LB, pool('a', ['n1']), web, listener('web')], [listener('web')])).toEqual([
      'Listener/web /metadata/name Frontend/web stands for a Listener of this name: choose another',
    ]);
    expect(chosen([front], [pool('lb', ['n1']), pool('primary', ['n2'])])).toEqual([]);
  });
});

describe('what backends depend on', () => {
  const [, , n3] = V4;
  const circle = [
    backend('n1', '10.0.0.1', { dependsOn: ['n3', 'n2'] }),
    backend('n2', '10.0.0.2', { dependsOn: ['n1'] }),
  ];

  it('is no circle, whoever closes it', () => {
    const told = [
      'Backend/n1 /spec/dependsOn/1 leads back to this backend: n1 → n2 → n1',
      'Backend/n2 /spec/dependsOn/0 leads back to this backend: n2 → n1 → n2',
    ];
    expect(errorsOf([...circle, n3!])).toEqual(told);
    for (const closer of circle) expect(errorsOf([...circle, n3!], [closer])).toEqual(told);
  });

  it('may be the same by two ways', () => {
    const fork = [
      backend('n1', '10.0.0.1', { dependsOn: ['n2', 'n3'] }),
      backend('n2', '10.0.0.2', { dependsOn: ['n3'] }),
    ];
    expect(errorsOf([...fork, n3!])).toEqual([]);
  });

  it('is told of the circle only, not of what leads to it', () => {
    const outside = backend('n3', '10.0.0.3', { dependsOn: ['n1'] });
    const inside = backend('n1', '10.0.0.1', { dependsOn: ['n2'] });
    const errors = errorsOf([inside, circle[1]!, outside]);
    expect(errors.map((error) => error.split(' ')[0])).toEqual(['Backend/n1', 'Backend/n2']);
  });

  it('is a circle, or the set is one that can be put in an order', () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const wishes = fc.tuple(...names.map(() => fc.uniqueArray(fc.constantFrom(...names), { maxLength: 3 })));
    fc.assert(
      fc.property(wishes, (given) => {
        const set = names.map((name, at) => {
          const dependsOn = given[at]!.filter((other) => other !== name);
          return backend(name, `10.0.0.${at}`, { dependsOn });
        });
        const left = new Map(set.map((one) => [one.metadata.name, one.spec['dependsOn'] as string[]]));
        for (let before = -1; before !== left.size;) {
          before = left.size;
          for (const [name, others] of left) if (!others.some((one) => left.has(one))) left.delete(name);
        }
        expect(errorsOf(set).length > 0).toBe(left.size > 0);
      }),
      { numRuns: 300 },
    );
  });

  it('is a long circle told in short', () => {
    const many = Array.from({ length: 12 }, (_, at) =>
      backend(`b${at}`, `10.0.1.${at}`, { dependsOn: [`b${(at + 1) % 12}`] }),
    );
    expect(errorsOf(many, [many[0]!])[0]).toBe(
      'Backend/b0 /spec/dependsOn/0 leads back to this backend: b0 → b1 → b2 → b3 → b4 → b5 → … → b0',
    );
  });
});
