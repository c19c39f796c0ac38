import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ALGORITHMS, DEFAULT_TIMEOUTS } from '../../node-state/node-state.js';
import { scopedName, type Resource } from '../../resource.js';
import { validateResource } from '../../validate.js';
import { sample } from '../sample-resources.fixture.js';
import { specOf } from '../spec-of.js';
import { compileFrontend } from './compile-frontend.js';
import type { ListenerParts } from './listener-parts.js';
import type { PolicyParts } from './listener-policies.js';
import { listenerModel } from './make-listener-model.js';
import { ALL_DOWN_MODES, type FrontendSpec, POOL_ACTIVATIONS } from './specs.js';

const nobody = (): Resource[] => [];

function partsOf(change: {
  lb?: Record<string, unknown>;
  listener?: Record<string, unknown>;
  pool?: Record<string, unknown>;
}): ListenerParts {
  const listener = sample('Listener', { spec: change.listener ?? {} });
  const loadBalancer = sample('LoadBalancer', { spec: change.lb ?? {} });
  const pool = sample('Pool', { spec: change.pool ?? {} });
  const pools = [{ name: 'sample', resource: pool }];
  return { kind: 'Listener', loadBalancer, listener, pools, certificates: [sample('Certificate')] };
}

describe('the model of a Listener', () => {
  it('has the pools of its policies in effect once each, with what they say of clients and their members', () => {
    const rules = [sample('L7Rule')];
    const bare = { url: null, code: null };
    const policy = (name: string, redirectPool: string, change: Partial<PolicyParts> = {}): PolicyParts => ({
      resource: sample('L7Policy', {
        metadata: { name },
        spec: { ...bare, action: 'redirect-to-pool', redirectPool },
      }),
      rules,
      pool: sample('Pool', {
        metadata: { name: redirectPool },
        spec: { tableSize: null, algorithm: 'random', affinity: { type: 'source-ip' }, backends: null },
      }),
      ...change,
    });
    const member = sample('PoolMember', { spec: { frontendRef: null, pool: null, poolRef: 'api' } });
    const policies = [
      ...[policy('a', 'img'), policy('b', 'api'), policy('c', 'api')],
      policy('d', 'unused', { rules: [] }),
      policy('e', 'gone', { pool: undefined }),
    ];
    const model = listenerModel({ ...partsOf({}), policies }, (pool) => (pool === 'api' ? [member] : []));
    const affinity = { type: 'source-ip', timeoutMs: 60_000 };
    const shared = { algorithm: 'random', affinity, proxyProtocol: 'v2' };
    expect(model.policyPools).toEqual([
      { name: 'api', ...shared, members: new Map([[expect.any(String), expect.any(Number)]]) },
      { name: 'gone', algorithm: 'round-robin', members: new Map() },
      { name: 'img', ...shared, members: new Map() },
    ]);
    expect(model.pools.map(({ name }) => name)).toEqual(['sample']);
    expect(listenerModel(partsOf({}), nobody)).not.toHaveProperty('policyPools');
  });

  it('has what its LoadBalancer, itself and its Pools say', () => {
    expect(listenerModel(partsOf({}), nobody)).toEqual({
      name: 'shop',
      kind: 'Listener',
      loadBalancer: 'shop',
      nodeGroup: 'edge',
      address: '192.0.2.2',
      protocol: 'terminated-https',
      port: 8080,
      enabled: true,
      algorithm: 'maglev',
      tableSize: 4093,
      affinity: { type: 'http-cookie', cookie: 'shop' },
      connectionLimit: 10_000,
      timeouts: { connectMs: 5_000, clientMs: 50_000, targetMs: 0 },
      tls: {
        certificates: [
          { name: 'sample', file: '/etc/signalbox/tls/shop.pem', keyFile: '/etc/signalbox/tls/shop.key' },
        ],
        minVersion: '1.3',
        http2: false,
      },
      insertHeaders: ['X-Forwarded-For'],
      proxyProtocol: 'v2',
      flushOnDown: true,
      failbackDelayMs: 30_000,
      minUp: 1,
      poolActivation: 'up',
      slowStartMs: 0,
      allDown: 'drop',
      pools: [{ name: 'sample', members: new Map([['sample', 50]]) }],
    });
  });

  it('has defaults for all that nobody says', () => {
    const listener = {
      protocol: 'tcp',
      ...{ description: null, enabled: null, connectionLimit: null, connectTimeout: null },
      ...{ clientTimeout: null, targetTimeout: null, flushOnDown: null, failbackDelay: null, minUp: null },
      ...{ poolActivation: null, slowStart: null, allDown: null, tls: null, insertHeaders: null },
    };
    const pool = { proxyProtocol: null, algorithm: null, tableSize: null, affinity: null, backends: null };
    const model = listenerModel(partsOf({ listener, pool, lb: { enabled: null } }), nobody);
    expect(model).toMatchObject({ enabled: true, algorithm: 'round-robin', timeouts: DEFAULT_TIMEOUTS });
    expect(model).toMatchObject({ flushOnDown: true, failbackDelayMs: 0, minUp: 1, slowStartMs: 0 });
    expect(model).toMatchObject({ poolActivation: 'up', allDown: 'drop' });
    for (const member of [
      'affinity',
      'tableSize',
      'connectionLimit',
      'tls',
      'insertHeaders',
      'proxyProtocol',
    ])
      expect(model).not.toHaveProperty(member);
  });

  it('takes TLS 1.2 and HTTP/2 unless told', () => {
    const { tls } = listenerModel(partsOf({ listener: { tls: { minVersion: null, http2: null } } }), nobody);
    expect(tls).toMatchObject({ minVersion: '1.2', http2: true });
  });

  it('forgets a silent flow of datagrams as the data plane of the reference does', () => {
    const silent = { clientTimeout: null, targetTimeout: null };
    const { timeouts } = listenerModel(partsOf({ listener: { protocol: 'udp', ...silent } }), nobody);
    expect(timeouts).toEqual({ connectMs: 5_000, clientMs: 40_000, targetMs: 40_000 });
  });

  it('remembers a client for a minute unless told', () => {
    const of = (affinity: object) => listenerModel(partsOf({ pool: { affinity } }), nobody).affinity;
    expect(of({ type: 'source-ip', cookie: null })).toEqual({ type: 'source-ip', timeoutMs: 60_000 });
    expect(of({ type: 'source-ip', cookie: null, timeout: '2m' })).toEqual({
      type: 'source-ip',
      timeoutMs: 120_000,
    });
  });

  it.each([
    [undefined, undefined, true],
    [false, undefined, false],
    [undefined, false, false],
    [true, true, true],
  ])('is served when its LoadBalancer (%s) and itself (%s) are enabled: %s', (lb, listener, enabled) => {
    const parts = partsOf({ lb: { enabled: lb }, listener: { enabled: listener } });
    expect(listenerModel(parts, nobody).enabled).toBe(enabled);
  });

  it('has PoolMembers behind the backends of the Pool, by their names, all names scoped', () => {
    const ofLab = (resource: Resource): Resource => ({
      ...resource,
      metadata: { ...resource.metadata, project: 'lab' },
    });
    const { loadBalancer, listener, pools, kind } = partsOf({});
    const parts: ListenerParts = {
      kind,
      loadBalancer: ofLab(loadBalancer),
      listener: ofLab(listener),
      pools: pools.map(({ name, resource }) => ({ name, resource: ofLab(resource) })),
    };
    const brought = ['n2', 'n1'].map((backendRef) =>
      sample('PoolMember', {
        metadata: { name: `pool/sample/${backendRef}`, project: 'lab' },
        spec: {
          frontendRef: null,
          pool: null,
          poolRef: 'sample',
          backendRef,
          weight: backendRef === 'n1' ? null : 7,
        },
      }),
    );
    const model = listenerModel(parts, (name) => (name === 'sample' ? brought : []));
    expect([model.name, model.loadBalancer]).toEqual(['lab/shop', 'lab/shop']);
    expect([...model.pools[0]!.members]).toEqual([
      ['lab/sample', 50],
      ['lab/n1', 100],
      ['lab/n2', 7],
    ]);
  });
});

const duration = fc.constantFrom('0s', '30s', '1m', '1h30m');
const IN_MS: Readonly<Record<string, number>> = { '0s': 0, '30s': 30_000, '1m': 60_000, '1h30m': 5_400_000 };

/** Valid frontends; the names of their pools and backends need escapes. */
const frontends: fc.Arbitrary<Resource> = fc
  .tuple(
    fc.record(
      {
        address: fc.constantFrom('192.0.2.1', '2001:db8::1'),
        pools: fc.uniqueArray(
          fc.record(
            {
              name: fc.constantFrom('primary', 'fallback', 'a/b', 'a~1b', '~'),
              backends: fc.dictionary(
                fc.constantFrom('n1', 'n/2', 'n~2'),
                fc.record({ weight: fc.integer({ min: 0, max: 100 }) }, { requiredKeys: [] }),
                { minKeys: 1, noNullPrototype: true },
              ),
            },
            { requiredKeys: ['name'] },
          ),
          { minLength: 1, maxLength: 1, selector: ({ name }) => name },
        ),
        description: fc.constant('some'),
        algorithm: fc.constantFrom(...ALGORITHMS),
        srcIpSticky: fc.boolean(),
        flushOnDown: fc.boolean(),
        failbackDelay: duration,
        minUp: fc.integer({ min: 1, max: 9 }),
        poolActivation: fc.constantFrom(...POOL_ACTIVATIONS),
        slowStart: duration,
        allDown: fc.constantFrom(...ALL_DOWN_MODES),
      },
      { requiredKeys: ['address', 'pools'] },
    ),
    fc.constantFrom({}, { protocol: 'tcp', port: 80 }, { protocol: 'udp', port: 65535 }),
    fc.constantFrom('web', 'a/b', 'a~1b'),
    fc.constantFrom('default', 'lab'),
    fc.boolean(),
  )
  .map(([spec, service, name, project, hasFallback]) => {
    const pools = hasFallback ? [...spec.pools, { name: 'last' }] : spec.pools;
    const { apiVersion, kind } = sample('Frontend');
    return validateResource({
      apiVersion,
      kind,
      metadata: { name, project },
      spec: { ...spec, pools, ...service },
    });
  });

describe('a Frontend', () => {
  it('is for the nodes of its group', () => {
    const parts = compileFrontend(sample('Frontend', { spec: { nodeGroup: 'north' } }));
    expect(listenerModel(parts, nobody).nodeGroup).toBe('north');
    expect(parts.listener.spec).not.toHaveProperty('nodeGroup');
  });

  it('comes down to what it says, as read without the resources it stands for', () => {
    fc.assert(
      fc.property(frontends, (frontend) => {
        const spec = specOf<FrontendSpec>(frontend);
        const project = frontend.metadata.project ?? 'default';
        const name = scopedName(project, frontend.metadata.name);
        expect(listenerModel(compileFrontend(frontend), nobody)).toEqual({
          name,
          kind: 'Frontend',
          loadBalancer: name,
          address: spec.address,
          ...(spec.protocol && { protocol: spec.protocol }),
          port: spec.port ?? 0,
          enabled: true,
          algorithm: spec.algorithm ?? 'maglev',
          ...(spec.srcIpSticky && { affinity: { type: 'source-ip', timeoutMs: 40_000 } }),
          timeouts:
            spec.protocol === 'udp'
              ? { connectMs: 5_000, clientMs: 40_000, targetMs: 40_000 }
              : DEFAULT_TIMEOUTS,
          flushOnDown: spec.flushOnDown ?? true,
          failbackDelayMs: IN_MS[spec.failbackDelay ?? '0s'],
          minUp: spec.minUp ?? 1,
          poolActivation: spec.poolActivation ?? 'up',
          slowStartMs: IN_MS[spec.slowStart ?? '0s'],
          allDown: spec.allDown ?? 'drop',
          pools: spec.pools.map((pool) => ({
            name: pool.name,
            members: new Map(
              Object.entries(pool.backends ?? {}).map(([backend, { weight }]) => [
                scopedName(project, backend),
                weight ?? 100,
              ]),
            ),
          })),
        });
      }),
    );
  });

  it('stands for valid resources of its project, whose names are those of no other', () => {
    fc.assert(
      fc.property(frontends, frontends, (one, other) => {
        const { loadBalancer, listener, pools } = compileFrontend(one);
        const made = [loadBalancer, ...pools.map(({ resource }) => resource)];
        // a Listener of its own cannot have all ports
        if (specOf<FrontendSpec>(one).port !== undefined) made.push(listener);
        for (const resource of made) expect(validateResource(resource)).toEqual(resource);
        if (one.metadata.name === other.metadata.name) return;
        const names = new Set(pools.map(({ resource }) => resource.metadata.name));
        for (const { resource } of compileFrontend(other).pools)
          expect(names).not.toContain(resource.metadata.name);
      }),
    );
  });
});
