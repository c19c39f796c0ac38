import { describe, expect, it } from '@jest/globals';
import {
  BACKEND_SOURCE,
  type ConfigPlan,
  type Part,
  type Resource,
  type ResourceChange,
  sourceOwner,
  withoutProvenance,
} from '@signalbox/contracts';
import { claim, domain, identity, mask, plugin, policy, subscriptionTo } from './resources.fixture.js';
import {
  changed,
  declared,
  deleted,
  given,
  type Happening,
  imposed,
  proposed,
  type Scenario,
  sourceOf,
} from './scenario.fixture.js';

const edge = domain('edge');
const SOURCE = sourceOf({ by: 's1' });

function put(...resources: readonly Resource[]): ResourceChange[] {
  return resources.map((resource) => ({ op: 'put', resource }));
}

function gone(...resources: readonly Resource[]): ResourceChange[] {
  return resources.map((resource) => ({ op: 'delete', ref: identity(resource) }));
}

/** A plan without what nothing would become of. */
function planned({ model }: Scenario, changes: readonly ResourceChange[]): Partial<ConfigPlan> {
  const { generation, revision, ...lists } = model.plan(changes);
  expect(generation).toBe(model.generation());
  expect(revision).toBeGreaterThan(0);
  return Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0));
}

/** The part of a BackendSource, which is held until its owner ends it. */
function discovered(source: string, ...resources: readonly Resource[]): Happening {
  return (site) => {
    const owner = sourceOwner(source);
    const made = { owner, source: owner, runId: 'r', attempt: 1, generation: 1, facts: [] };
    const observedAt = '2026-05-30T12:00:00Z';
    const part: Part = { ...made, observedAt, resources, directives: [], actionPlans: [], digest: '' };
    return [{ type: 'accepted', at: observedAt, cause: site.cause(), part, supersedes: [] }];
  };
}

describe('the plan of changes', () => {
  const claimed = given(
    declared(edge, plugin('planner'), subscriptionTo('s1', 'default')),
    proposed({ by: 's1', resources: [claim('c', { domain: 'edge' })] }),
  );
  const part = { source: SOURCE, generation: 1 };
  const theClaim = { ...identity(claim('c')), before: claim('c', { domain: 'edge' }), part };

  it('has resources that come, become another and go, as they are and as they would be', () => {
    const other = domain('edge', '10.0.');
    expect(planned(claimed, [...put(domain('more'), other), ...gone(domain('never'))])).toEqual({
      versions: [
        { ...identity(edge), before: edge, after: other },
        { ...identity(domain('more')), after: domain('more') },
      ],
    });
    expect(planned(claimed, put(edge))).toEqual({});
  });

  it('has parts that would be held back with the reason, and what goes with them', () => {
    expect(planned(claimed, gone(edge))).toEqual({
      versions: [{ ...identity(edge), before: edge }, theClaim],
      quarantined: [
        { ...part, reason: 'part-invalid: RemoteAddressClaim/c: /spec/domainRef edge is not there' },
      ],
    });
  });

  it('has parts that would come back, with the reason that is gone', () => {
    const held = given(
      declared(edge),
      proposed({ by: 's1', resources: [claim('c', { domain: 'edge' })] }),
      deleted(edge),
    );
    const { before, ...ref } = theClaim;
    expect(planned(held, put(edge))).toEqual({
      versions: [
        { ...identity(edge), after: edge },
        { ...ref, after: before },
      ],
      restored: [
        { ...part, reason: 'part-invalid: RemoteAddressClaim/c: /spec/domainRef edge is not there' },
      ],
    });
  });

  it('has what masks would hide and show', () => {
    const route = claim('route');
    const allowed = policy('p', ['EventSubscription/s1'], [route]);
    const masking = { by: 's1', resources: [], directives: [mask(route, 'down')] };
    const denied = given(declared(route), imposed(masking));
    expect(planned(denied, put(allowed))).toMatchObject({
      masked: [{ target: identity(route), maskedBy: [SOURCE], reason: 'down' }],
      restored: [part],
      versions: [{ ...identity(allowed) }, { ...identity(route), before: route }],
    });
    const hidden = given(declared(route, allowed), proposed(masking));
    expect(planned(hidden, gone(allowed))).toMatchObject({
      shown: [identity(route)],
      quarantined: [part],
      versions: [{ ...identity(allowed) }, { ...identity(route), after: route }],
    });
  });

  it.each<[string, readonly ResourceChange[], string]>([
    ['a subscription that goes', gone(subscriptionTo('s1', '')), 'EventSubscription/s1 was deleted'],
    ['a plugin that goes', gone(plugin('planner')), 'Plugin/planner was deleted'],
    [
      'a subscription that changes its group',
      put(subscriptionTo('s1', 'other')),
      'no longer matches EventSubscription/s1',
    ],
  ])('has the parts that end with %s', (_what, changes, reason) => {
    const { versions = [], withdrawn } = planned(claimed, changes);
    expect(withdrawn).toEqual([{ ...part, reason }]);
    expect(versions).toContainEqual(theClaim);
    expect(planned(claimed, put(subscriptionTo('s1', 'default')))).not.toHaveProperty('withdrawn');
  });

  it('has the parts of a BackendSource that goes, also when a mask or a part that ends takes it away', () => {
    const { apiVersion, kind } = BACKEND_SOURCE;
    const source: Resource = { apiVersion, kind, metadata: { name: 'dns' }, spec: {} };
    const ends = [{ source: sourceOwner('dns'), generation: 1, reason: 'BackendSource/dns was deleted' }];
    const found = discovered('dns', claim('found'));
    expect(planned(given(declared(source), found), gone(source))).toMatchObject({
      withdrawn: ends,
      versions: [{ kind: 'BackendSource' }, { ...identity(claim('found')), before: claim('found') }],
    });
    const brought = given(
      declared(plugin('planner'), subscriptionTo('s1', 'default')),
      proposed({ by: 's1', resources: [source] }),
      found,
    );
    expect(planned(brought, gone(plugin('planner')))).toMatchObject({
      withdrawn: [...ends, { ...part, reason: 'Plugin/planner was deleted' }],
      versions: [{ kind: 'BackendSource' }, { ...identity(claim('found')) }, { kind: 'Plugin' }],
    });
  });

  it('names what brings parts by itself', () => {
    const changes = put(domain('more'), plugin('planner'), subscriptionTo('s2', 'default'));
    expect(planned(claimed, changes).undecided).toEqual([
      identity(subscriptionTo('s2', 'default')),
      identity(plugin('planner')),
    ]);
    expect(planned(claimed, gone(subscriptionTo('s1', 'default')))).not.toHaveProperty('undecided');
  });

  it('tells no provenance, and a version that only differs there is none', () => {
    const [version] = claimed.model.plan(gone(edge)).versions.slice(1);
    expect(version?.before).toEqual(withoutProvenance(version!.before!));
    expect(claimed.model.find(identity(claim('c')))?.resource.metadata.annotations).toBeDefined();
  });

  it('changes nothing', () => {
    const site = given(declared(edge), proposed({ by: 's1', resources: [claim('c', { domain: 'edge' })] }));
    const before = site.model.render();
    site.model.plan(gone(edge));
    expect(site.model.render()).toEqual(before);
    expect(site.when(changed([]))).toEqual([]);
  });
});
