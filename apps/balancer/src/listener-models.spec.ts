import { describe, expect, it } from '@jest/globals';
import {
  BALANCE_API,
  keyOf,
  type ListenerModel,
  refKey,
  refOf,
  readScopedName,
  type Resource,
  type ResourceChange,
  type ResourceRef,
} from '@signalbox/contracts';
import fc from 'fast-check';
import { ChangedConfig } from './domain/changed-config.js';
import { ListenerModels, type ResourceSource } from './listener-models.js';

/** The resources of a config that a test changes. */
class Config implements ResourceSource {
  private readonly resources = new Map<string, Resource>();

  put(...resources: Resource[]): ResourceRef[] {
    for (const resource of resources) this.resources.set(keyOf(resource), resource);
    return resources.map(refOf);
  }

  make(changes: readonly ResourceChange[]): ResourceRef[] {
    return changes.flatMap((change) => {
      if (change.op === 'put') return this.put(change.resource);
      this.resources.delete(refKey(change.ref));
      return [change.ref];
    });
  }

  remove(resource: Resource): ResourceRef[] {
    this.resources.delete(keyOf(resource));
    return [refOf(resource)];
  }

  all(kind: string): Resource[] {
    return [...this.resources.values()].filter((resource) => resource.kind === kind);
  }

  get(kind: string, scopedName: string): Resource | undefined {
    return this.resources.get(refKey({ apiVersion: BALANCE_API, kind, ...readScopedName(scopedName) }));
  }
}

function aResource(
  kind: string,
  name: string,
  spec: Record<string, unknown> = {},
  project?: string,
): Resource {
  const metadata = { name, ...(project !== undefined && { project }) };
  return { apiVersion: BALANCE_API, kind, metadata, spec };
}

const listener = (name: string, loadBalancer: string, ...pools: string[]): Resource =>
  aResource('Listener', name, { loadBalancer, protocol: 'tcp', port: 80, pools });
const balancer = (name: string, address: string): Resource => aResource('LoadBalancer', name, { address });
const pool = (name: string, ...backends: string[]): Resource =>
  aResource('Pool', name, { backends: Object.fromEntries(backends.map((one) => [one, { weight: 10 }])) });
const inPool = (name: string, backendRef: string): Resource =>
  aResource('PoolMember', `pool/${name}/${backendRef}`, { poolRef: name, backendRef });

function membersOf(model: ListenerModel | undefined): Record<string, string[]> {
  return Object.fromEntries((model?.pools ?? []).map(({ name, members }) => [name, [...members.keys()]]));
}

function follow(models: ListenerModels, changed: readonly ResourceRef[]): string[] {
  const touched = models.touchedBy(changed);
  for (const name of touched) models.read(name);
  return [...touched].sort();
}

const name = fc.constantFrom('x', 'y');
const backend = fc.constantFrom('n1', 'n2', 'n3');
const anything: fc.Arbitrary<Resource> = fc.oneof(
  fc
    .tuple(name, name, fc.uniqueArray(name, { minLength: 1 }))
    .map(([own, lb, pools]) => listener(own, lb, ...pools)),
  fc.tuple(name, fc.constantFrom('192.0.2.1', '192.0.2.2')).map(([own, address]) => balancer(own, address)),
  fc.tuple(name, fc.uniqueArray(backend)).map(([own, backends]) => pool(own, ...backends)),
  fc.tuple(name, backend).map(([own, one]) => inPool(own, one)),
  fc
    .tuple(fc.constantFrom('f', 'g'), fc.uniqueArray(name, { minLength: 1 }))
    .map(([own, pools]) =>
      aResource('Frontend', own, { address: '192.0.2.9', pools: pools.map((one) => ({ name: one })) }),
    ),
  fc
    .tuple(name, name)
    .map(([own, its]) => aResource('L7Policy', own, { listener: its, action: 'reject', position: 1 })),
  fc
    .tuple(name, name, fc.constantFrom('/a', '/b'))
    .map(([own, policy, value]) =>
      aResource('L7Rule', own, { policy, type: 'path', compare: 'equal-to', value }),
    ),
  fc
    .tuple(fc.constantFrom('f', 'g'), name, backend)
    .map(([frontendRef, its, backendRef]) =>
      aResource('PoolMember', `${frontendRef}/${backendRef}`, { frontendRef, pool: its, backendRef }),
    ),
);
const changes: fc.Arbitrary<ResourceChange[]> = fc
  .uniqueArray(fc.record({ resource: anything, stays: fc.boolean() }), {
    selector: ({ resource }) => keyOf(resource),
    maxLength: 6,
  })
  .map((all) =>
    all.map(({ resource, stays }): ResourceChange =>
      stays ? { op: 'put', resource } : { op: 'delete', ref: refOf(resource) },
    ),
  );

describe('the models of listeners', () => {
  it('come from Frontends and from Listeners alike', () => {
    const config = new Config();
    config.put(
      balancer('lb', '192.0.2.2'),
      pool('web', 'n1'),
      inPool('web', 'n2'),
      listener('l', 'lb', 'web'),
    );
    config.put(aResource('Frontend', 'f', { address: '192.0.2.1', pools: [{ name: 'primary' }] }));
    config.put(aResource('PoolMember', 'f/n3', { frontendRef: 'f', pool: 'primary', backendRef: 'n3' }));
    const models = new ListenerModels(config);
    expect(models.readAll().sort()).toEqual(['f', 'l']);
    expect(membersOf(models.get('f'))).toEqual({ primary: ['n3'] });
    expect(membersOf(models.get('l'))).toEqual({ web: ['n1', 'n2'] });
    expect([...models.usersOf('n2')]).toEqual(['l']);
  });

  it('of one name in two projects are two', () => {
    const config = new Config();
    const frontend = (project?: string): Resource =>
      aResource(
        'Frontend',
        'web',
        { address: '192.0.2.1', pools: [{ name: 'a', backends: { n1: {} } }] },
        project,
      );
    config.put(frontend(), frontend('lab'));
    const models = new ListenerModels(config);
    expect(models.readAll()).toEqual(['web', 'lab/web']);
    expect(membersOf(models.get('lab/web'))).toEqual({ a: ['lab/n1'] });
    expect([...models.usersOf('n1')]).toEqual(['web']);
    const member = { frontendRef: 'web', pool: 'a', backendRef: 'n2' };
    expect(follow(models, config.put(aResource('PoolMember', 'web/n2', member, 'lab')))).toEqual(['lab/web']);
    expect(membersOf(models.get('lab/web'))).toEqual({ a: ['lab/n1', 'lab/n2'] });
  });

  it('have the pools of policies, and follow them as their own', () => {
    const config = new Config();
    const models = new ListenerModels(config);
    const policy = (redirectPool: string): Resource =>
      aResource('L7Policy', 'p', { listener: 'l', action: 'redirect-to-pool', position: 1, redirectPool });
    const rule = aResource('L7Rule', 'r', { policy: 'p', type: 'path', compare: 'equal-to', value: '/' });
    config.put(balancer('lb', '192.0.2.2'), pool('web', 'n1'), listener('l', 'lb', 'web'));
    config.put(policy('api'), rule, pool('api', 'n2'), pool('img', 'n4'));
    expect(models.readAll()).toEqual(['l']);
    const ofPolicies = (): Record<string, string[]> =>
      membersOf({ ...models.get('l')!, pools: models.get('l')?.policyPools ?? [] });
    expect(ofPolicies()).toEqual({ api: ['n2'] });
    expect([...models.usersOf('n2')]).toEqual(['l']);
    expect(follow(models, config.put(inPool('api', 'n3')))).toEqual(['l']);
    expect(ofPolicies()).toEqual({ api: ['n2', 'n3'] });
    expect(follow(models, config.put(pool('img', 'n5')))).toEqual([]);
    expect(follow(models, config.put(policy('img')))).toEqual(['l']);
    expect(ofPolicies()).toEqual({ img: ['n5'] });
    expect([...models.usersOf('n2')]).toEqual([]);
    expect(follow(models, config.put(pool('api', 'n2')))).toEqual([]);
    expect(follow(models, config.remove(rule))).toEqual(['l']);
    expect(models.get('l')).not.toHaveProperty('policyPools');
    expect(membersOf(models.get('l'))).toEqual({ web: ['n1'] });
  });

  it('wait for what a Listener names, and go when it goes', () => {
    const config = new Config();
    const models = new ListenerModels(config);
    expect(follow(models, config.put(listener('l', 'lb', 'a', 'b')))).toEqual(['l']);
    expect(follow(models, config.put(pool('a', 'n1'), pool('b', 'n2')))).toEqual(['l']);
    expect(models.get('l')).toBeUndefined();
    const lb = balancer('lb', '192.0.2.2');
    expect(follow(models, config.put(lb))).toEqual(['l']);
    expect(membersOf(models.get('l'))).toEqual({ a: ['n1'], b: ['n2'] });
    expect(follow(models, config.remove(lb))).toEqual(['l']);
    expect([models.get('l'), [...models.all()], [...models.usersOf('n1')]]).toEqual([undefined, [], []]);
  });

  it('have the certificates of a Listener, and wait for them', () => {
    const config = new Config();
    const certificate = (file: string): Resource => aResource('Certificate', 'shop', { file });
    const web = listener('web', 'lb', 'a');
    const ends = { ...web, spec: { ...web.spec, tls: { certificates: ['shop'] } } };
    config.put(balancer('lb', '192.0.2.2'), pool('a', 'n1'), ends);
    const models = new ListenerModels(config);
    models.readAll();
    expect(models.get('web')).toBeUndefined();
    expect(follow(models, config.put(certificate('/a.pem')))).toEqual(['web']);
    expect(models.get('web')?.tls?.certificates).toEqual([{ name: 'shop', file: '/a.pem' }]);
    expect(follow(models, config.put(certificate('/b.pem')))).toEqual(['web']);
    expect(models.get('web')?.tls?.certificates).toEqual([{ name: 'shop', file: '/b.pem' }]);
    expect(follow(models, config.put(aResource('Certificate', 'other', { file: '/c.pem' })))).toEqual([]);
    expect(follow(models, config.remove(certificate('/b.pem')))).toEqual(['web']);
    expect(models.get('web')).toBeUndefined();
  });

  it('have the policies of a Listener with their rules, whichever of them changes', () => {
    const policy = (name: string, its: string, change: object = {}): Resource =>
      aResource('L7Policy', name, { listener: its, action: 'reject', position: 1, ...change });
    const rule = (name: string, its: string, value: string): Resource =>
      aResource('L7Rule', name, { policy: its, type: 'path', compare: 'equal-to', value });
    const config = new Config();
    config.put(
      balancer('lb', '192.0.2.2'),
      pool('a', 'n1'),
      listener('one', 'lb', 'a'),
      listener('two', 'lb', 'a'),
    );
    config.put(policy('p', 'one'), rule('r', 'p', '/a'));
    const models = new ListenerModels(config);
    models.readAll();
    const valuesOf = (name: string): string[] =>
      (models.get(name)?.policies ?? []).flatMap(({ rules }) => rules.map(({ value }) => value));
    expect([valuesOf('one'), valuesOf('two')]).toEqual([['/a'], []]);
    expect(follow(models, config.put(rule('r', 'p', '/b')))).toEqual(['one']);
    expect(valuesOf('one')).toEqual(['/b']);
    expect(follow(models, config.put(policy('p', 'two')))).toEqual(['one', 'two']);
    expect([valuesOf('one'), valuesOf('two')]).toEqual([[], ['/b']]);
    expect(follow(models, config.put(policy('q', 'one')))).toEqual(['one']);
    expect(follow(models, config.put(rule('r', 'q', '/b')))).toEqual(['one', 'two']);
    expect([valuesOf('one'), valuesOf('two')]).toEqual([['/b'], []]);
    expect(follow(models, config.put(policy('q', 'one', { enabled: false })))).toEqual(['one']);
    expect(models.get('one')).not.toHaveProperty('policies');
    const last = [rule('r', 'q', '/b'), policy('q', 'one')];
    expect(
      follow(
        models,
        last.flatMap((one) => config.remove(one)),
      ),
    ).toEqual(['one']);
  });

  it('are read again only where something changed', () => {
    const config = new Config();
    config.put(balancer('lb', '192.0.2.2'), pool('a', 'n1'), pool('b', 'n2'));
    config.put(listener('one', 'lb', 'a'), listener('two', 'lb', 'a', 'b'));
    const models = new ListenerModels(config);
    models.readAll();
    expect(follow(models, config.put(pool('b', 'n3')))).toEqual(['two']);
    expect(follow(models, config.put(inPool('a', 'n4')))).toEqual(['one', 'two']);
    expect(follow(models, config.put(aResource('Backend', 'n3')))).toEqual(['two']);
    expect(follow(models, config.put(aResource('Backend', 'n2')))).toEqual([]);
    expect(follow(models, config.put(balancer('lb', '192.0.2.3')))).toEqual(['one', 'two']);
    expect(follow(models, config.put(pool('unused', 'n1')))).toEqual([]);
  });

  it('are after any changes what they were if all were read anew', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ resource: anything, stays: fc.boolean() }), { maxLength: 40 }),
        (given) => {
          const config = new Config();
          const models = new ListenerModels(config);
          for (const { resource, stays } of given)
            follow(models, stays ? config.put(resource) : config.remove(resource));
          const anew = new ListenerModels(config);
          anew.readAll();
          const byName = (all: Iterable<ListenerModel>): Map<string, ListenerModel> =>
            new Map([...all].map((model) => [model.name, model]));
          expect(byName(models.all())).toEqual(byName(anew.all()));
          for (const one of ['n1', 'n2', 'n3'])
            expect([...models.usersOf(one)].sort()).toEqual([...anew.usersOf(one)].sort());
        },
      ),
      { numRuns: 300 },
    );
  });

  it('as they would be after several changes at once are what they are then, and nothing changes before', () => {
    fc.assert(
      fc.property(fc.array(changes), changes, (before, together) => {
        const config = new Config();
        const models = new ListenerModels(config);
        for (const some of before) follow(models, config.make(some));
        const stood = new Map([...models.all()].map((model) => [model.name, model]));
        const planned = models.after(new ChangedConfig(together));
        expect(new Map([...models.all()].map((model) => [model.name, model]))).toEqual(stood);
        const touched = follow(models, config.make(together));
        expect([...planned.keys()].sort()).toEqual(touched);
        for (const [name, model] of planned) expect(model).toEqual(models.get(name));
      }),
      { numRuns: 300 },
    );
  });
});
