import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type EffectiveRecord,
  formatTime,
  type PartRecord,
  refOf,
  refText,
  type Resource,
} from '@signalbox/contracts';
import { proposalOfRun, type EndedRun } from './decide-proposal.js';
import { replayed } from './history.fixture.js';
import { claim, domain, identity, mask, plugin, policy, subscription } from './resources.fixture.js';
import {
  changed,
  declared,
  deleted,
  endedRun,
  given,
  type Happening,
  imposed,
  lineage,
  proposed,
  restarted,
  type Scenario,
  sourceOf,
  timePassed,
  withdrawn,
} from './scenario.fixture.js';

const C1 = 'RemoteAddressClaim/c1';

/** One changeset that takes the old name away and declares the new one. */
function renamed(from: string, to: string, ...more: readonly Resource[]): Happening {
  return changed([
    { op: 'delete', ref: identity(subscription(from)) },
    { op: 'put', resource: subscription(to, from) },
    ...more.map((resource) => ({ op: 'put', resource }) as const),
  ]);
}

function typesOf(records: readonly (PartRecord | EffectiveRecord)[]): string[] {
  return records.map(({ type }) => type);
}

function held(site: Scenario): string[] {
  return site.model.activeParts().map(({ owner }) => owner);
}

const old = { by: 'old', resources: [claim('c1')] } as const;
const heir = { by: 'new', resources: [claim('c1')] } as const;

describe('a rename', () => {
  it('keeps the old part until the new one is accepted, which names it in the same record', () => {
    const site = given(declared(subscription('old')), proposed(old));
    expect(typesOf(site.when(renamed('old', 'new')))).toEqual(['generation']);
    expect([held(site), site.names()]).toEqual([['EventSubscription/old'], ['EventSubscription/new', C1]]);
    const records = site.when(proposed(heir));
    expect(records[0]).toMatchObject({
      type: 'accepted',
      part: { owner: 'EventSubscription/new', source: sourceOf(heir) },
      supersedes: [{ source: sourceOf(old), generation: 1 }],
    });
    expect(held(site)).toEqual(['EventSubscription/new']);
    expect(site.names()).toContain(C1);
  });

  it('keeps the old part until its end when no new one comes', () => {
    const site = given(
      declared(subscription('old')),
      proposed({ ...old, ttlMs: 100 }),
      renamed('old', 'new'),
    );
    expect(typesOf(site.when(timePassed(99)))).toEqual([]);
    expect(typesOf(site.when(timePassed(1)))).toEqual(['expired', 'generation']);
    expect(site.names()).not.toContain(C1);
  });

  it('without it the new name is refused what the old one has', () => {
    const site = given(declared(subscription('old')), proposed(old), declared(subscription('new')));
    const [record] = site.when(proposed(heir));
    expect(record).toMatchObject({ type: 'rejected', error: { code: 'part-conflict' } });
  });

  it('what the new owner withdraws ends what it took over too, by lineage or all of it', () => {
    const two = { ...old, about: ['b'], resources: [claim('c2')] };
    const site = given(declared(subscription('old')), proposed(old), proposed(two), renamed('old', 'new'));
    expect(site.when(withdrawn('new', ['a']))[0]).toMatchObject({
      type: 'withdrawn',
      source: sourceOf(old),
      owner: 'EventSubscription/old',
    });
    expect(site.names()).toContain('RemoteAddressClaim/c2');
    site.when(withdrawn('new'));
    expect(held(site)).toEqual([]);
  });

  it('a withdrawal of the old name ends nothing of the new one', () => {
    const other = { ...heir, about: ['b'], resources: [claim('c2')] };
    const site = given(declared(subscription('old')), proposed(old), renamed('old', 'new'), proposed(other));
    site.when(withdrawn('old'));
    expect(held(site)).toEqual(['EventSubscription/new']);
  });

  it('a run of the old name that ends late stands while the new one has nothing of its lineages, and no longer', () => {
    const first = given(declared(subscription('old')), renamed('old', 'new'));
    expect(typesOf(first.when(proposed(old)))[0]).toBe('accepted');
    first.when(proposed(heir));
    expect(held(first)).toEqual(['EventSubscription/new']);
    expect(first.when(proposed(old))[0]).toMatchObject({
      type: 'rejected',
      error: { code: 'superseded', message: expect.stringContaining('EventSubscription/new') },
    });
    expect(held(first)).toEqual(['EventSubscription/new']);
  });

  it('the part of a batch stays until the new owner has all of its lineages', () => {
    const batch = { ...old, about: ['a', 'b'], resources: [claim('c1'), claim('c2')] };
    const site = given(declared(subscription('old')), proposed(batch), renamed('old', 'new'));
    site.when(proposed(heir));
    expect(held(site)).toEqual(['EventSubscription/new', 'EventSubscription/old']);
    const [record] = site.when(proposed({ ...heir, about: ['b'], resources: [claim('c2')] }));
    expect(record).toMatchObject({ supersedes: [{ source: sourceOf(batch) }] });
    expect(site.names()).toContain('RemoteAddressClaim/c2');
  });

  it('what is left of a part of the old name is remade by the new one', () => {
    const batch = { ...old, about: ['a', 'b'], resources: [claim('c1'), claim('c2')] };
    const site = given(declared(subscription('old')), proposed(batch), renamed('old', 'new'));
    const run = endedRun({ ...heir, about: ['b'], resources: [claim('c2')] }, site.nowMs);
    const remakes = { source: sourceOf(batch), generation: 1, reason: 'a left' };
    const ended: EndedRun = { ...run, order: { ...run.order, remakes } };
    const records = site.when((at) => {
      const record = at.model.decideProposal(proposalOfRun(ended)!, at.cause(), at.nowMs);
      return record ? [record] : [];
    });
    expect(records[0]).toMatchObject({ type: 'accepted', supersedes: [{ source: sourceOf(batch) }] });
    expect(held(site)).toEqual(['EventSubscription/new']);
  });

  it('ends with the line: what still stands is a conflict for others again, and the old name can withdraw it', () => {
    const site = given(declared(subscription('old')), proposed(old), renamed('old', 'new'));
    site.when(declared(subscription('new')));
    expect(site.when(proposed(heir))[0]).toMatchObject({ type: 'rejected' });
    site.when(withdrawn('old'));
    expect(held(site)).toEqual([]);
  });

  it('gives back what the other name kept from it, at once', () => {
    const site = given(declared(subscription('old')), proposed(old), declared(subscription('new')));
    site.when(imposed({ ...heir, resources: [claim('c1', { address: '10.0.0.2/32' })] }));
    expect(site.model.quarantinedParts()).toMatchObject([{ source: sourceOf(heir) }]);
    expect(typesOf(site.when(renamed('old', 'new')))).toEqual(['restored', 'generation']);
    const [shown] = site.model.render().filter(({ resource }) => resource.metadata.name === 'c1');
    expect(shown?.resource.spec['address']).toBe('10.0.0.2/32');
  });

  it('a mask that was handed over may do what its new owner may', () => {
    const masking = { by: 'old', resources: [], directives: [mask(domain('d1'))] };
    const site = given(
      declared(subscription('old'), domain('d1'), policy('p', ['EventSubscription/old'], [domain('d1')])),
      proposed(masking),
    );
    expect(site.names()).not.toContain('AddressMobilityDomain/d1');
    site.when(renamed('old', 'new', policy('p', ['EventSubscription/new'], [domain('d1')])));
    expect(site.names()).not.toContain('AddressMobilityDomain/d1');
    site.when(declared(subscription('new')));
    expect(site.model.quarantinedParts()).toHaveLength(1);
    expect(site.names()).toContain('AddressMobilityDomain/d1');
  });

  it('of a plugin takes its own part over, and its grants bound what it made', () => {
    const own = (name: string): Happening => {
      return (site) => {
        const run = endedRun({ by: 'x', resources: [claim('c1')] }, site.nowMs, `run-${site.log.length}`);
        const { subscription: _s, group: _g, facts: _f, retry: _r, ...order } = run.order;
        const made = { ...order, plugin: name, source: `Plugin/${name}`, owner: `Plugin/${name}`, facts: [] };
        const record = site.model.decideProposal({ made, content: run.part! }, site.cause(), site.nowMs);
        return record ? [record] : [];
      };
    };
    const site = given(declared(plugin('old')), own('old'));
    const taking = { ...plugin('new'), metadata: { name: 'new', renamedFrom: 'old' } };
    site.when(
      changed([
        { op: 'delete', ref: identity(plugin('old')) },
        { op: 'put', resource: taking },
      ]),
    );
    expect(site.names()).toContain(C1);
    const bounded = { ...taking, spec: plugin('new', [{ kinds: ['AddressMobilityDomain'] }]).spec };
    site.when(declared(bounded));
    expect(site.model.quarantinedParts()).toMatchObject([{ source: 'Plugin/old' }]);
    site.when(declared(taking));
    expect(site.when(own('new'))[0]).toMatchObject({
      type: 'accepted',
      supersedes: [{ source: 'Plugin/old', generation: 1 }],
    });
    expect(held(site)).toEqual(['Plugin/new']);
    expect(site.when(own('old'))[0]).toMatchObject({ type: 'rejected', error: { code: 'superseded' } });
  });

  it('a withdrawal that is to come of the old name is cancelled by the new one', () => {
    const site = given(declared(subscription('old')), proposed(old), renamed('old', 'new'));
    const at = formatTime(site.nowMs);
    const dueAt = formatTime(site.nowMs + 50);
    const lineages = [lineage('a')];
    const withdrawal = {
      type: 'withdrawn',
      at,
      owner: 'EventSubscription/old',
      dueAt,
      reason: 'r',
      lineages,
    };
    site.model.applyWithdrawal(withdrawal as never, site.cause());
    site.model.applyCancellation({
      type: 'withdraw-cancelled',
      at,
      owner: 'EventSubscription/new',
      lineages,
      reason: 'r',
    });
    expect(site.model.decideWithdrawals(site.nowMs + 50)).toEqual([]);
  });
});

const NAMES = ['n1', 'n2'] as const;

/** A name at a time has the lineage; runs of either may end at any time, rightly or not. */
const steps = fc.oneof(
  { weight: 3, arbitrary: fc.constant('renamed' as const) },
  { weight: 3, arbitrary: fc.constantFrom('n1' as const, 'n2' as const) },
  { weight: 1, arbitrary: fc.constant('restarted' as const) },
  { weight: 1, arbitrary: fc.constant('passed' as const) },
);

describe('any history of renames', () => {
  it('has no generation without the resource while a part of it stands, and is the same when it is replayed', () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 30 }), (history) => {
        let at = 0;
        const part = (by: string): Happening => proposed({ by, resources: [claim('c1')], ttlMs: 1_000_000 });
        const site = given(declared(subscription('n1')), part('n1'));
        for (const step of history) {
          if (step === 'renamed') {
            site.when(renamed(NAMES[at]!, NAMES[1 - at]!));
            at = 1 - at;
          } else if (step === 'restarted') site.when(restarted());
          else if (step === 'passed') site.when(timePassed(10));
          else site.when(part(step));
          expect(site.names()).toContain(C1);
          expect(site.model.activeParts().length).toBeGreaterThan(0);
        }
        const standing = new Set<string>();
        for (const entry of site.log) {
          if (!('effective' in entry)) continue;
          const { generation, added, removed } = entry.effective;
          for (const ref of removed) standing.delete(refText(ref));
          for (const { resource } of added) standing.add(refText(refOf(resource)));
          expect([generation, standing.has(C1) || generation === 1]).toEqual([generation, true]);
        }
        const copy = replayed(site.log);
        expect(copy.render()).toEqual(site.model.render());
        expect(copy.activeParts()).toEqual(site.model.activeParts());
      }),
    );
  });

  it('gives what stands to the declared name again when that is declared', () => {
    const site = given(declared(subscription('n1')), proposed({ ...old, by: 'n1' }), renamed('n1', 'n2'));
    site.when(
      changed([
        { op: 'delete', ref: identity(subscription('n2')) },
        { op: 'put', resource: subscription('n1') },
      ]),
    );
    expect(site.names()).toContain(C1);
    expect(site.when(proposed({ ...old, by: 'n1' }))[0]).toMatchObject({ type: 'accepted', supersedes: [] });
    site.when(deleted(subscription('n1')));
    expect(site.names()).toContain(C1);
  });
});
