import { describe, expect, it } from '@jest/globals';
import { canonicalJson, type Resource } from '@signalbox/contracts';
import { livePartsOf, startupOf } from './history.fixture.js';
import { type Merged, mergeFromScratch } from './merge-from-scratch.js';
import { claim, domain, RULES } from './resources.fixture.js';
import {
  declared,
  deleted,
  given,
  imposed,
  proposed,
  type Scenario,
  sourceOf,
  timePassed,
} from './scenario.fixture.js';

/** Reference 10.5. Masks (D2-D5, D8) have a file of their own. */
describe('dynamic config', () => {
  it('D1 has the resources of an active part and not those of an expired one', () => {
    const site = given(
      declared(domain('edge')),
      proposed({ by: 'claims', about: ['a'], resources: [claim('a')], ttlMs: 1000 }),
      proposed({ by: 'claims', about: ['b'], resources: [claim('b')], ttlMs: 2000 }),
    );

    expect(site.when(timePassed(999))).toEqual([]);
    const records = site.when(timePassed(1));

    expect(records).toMatchObject([
      { type: 'expired', source: sourceOf({ by: 'claims', about: ['a'] }), generation: 1 },
      { generation: 4, removed: [{ kind: 'RemoteAddressClaim', name: 'a' }], added: [], changed: [] },
    ]);
    expect(site.names()).toEqual(['AddressMobilityDomain/edge', 'RemoteAddressClaim/b']);
    expect(site.model.activeParts().map(({ source }) => source)).toEqual([
      sourceOf({ by: 'claims', about: ['b'] }),
    ]);
  });

  it('D6 refuses a part whose resource an operator declared', () => {
    const site = given(declared(claim('a')));

    expect(site.when(proposed({ by: 'claims', resources: [claim('a')] }))).toMatchObject([
      {
        type: 'rejected',
        error: {
          code: 'startup-conflict',
          message: 'hybrid.routerd.net/v1alpha1 RemoteAddressClaim/a is declared by an operator',
          errors: [{ pointer: '/resources/0' }],
        },
      },
    ]);
    expect(site.model.render()).toEqual([{ resource: claim('a'), revision: 1 }]);
  });

  it('D7 leaves a resource with the owner that held it first and names both', () => {
    const site = given(proposed({ by: 'first', resources: [claim('a', { address: '10.0.0.1/32' })] }));

    const [record] = site.when(proposed({ by: 'second', resources: [claim('b'), claim('a')] }));

    expect(record).toMatchObject({
      type: 'rejected',
      owner: 'EventSubscription/second',
      error: {
        code: 'part-conflict',
        message:
          'hybrid.routerd.net/v1alpha1 RemoteAddressClaim/a is already held by EventSubscription/first',
        errors: [{ pointer: '/resources/1' }],
      },
    });
    expect(site.names()).toEqual(['RemoteAddressClaim/a']);
  });

  it('D7 keeps a conflict that was let in away from what worked', () => {
    const site = given(
      proposed({ by: 'first', resources: [claim('a', { address: '10.0.0.1/32' })] }),
      imposed({ by: 'second', resources: [claim('a', { address: '10.0.0.2/32' }), claim('b')] }),
    );

    expect(site.names()).toEqual(['RemoteAddressClaim/a']);
    expect(site.model.render()[0]?.part?.source).toBe(sourceOf({ by: 'first' }));
    expect(site.model.quarantinedParts()).toMatchObject([{ source: sourceOf({ by: 'second' }) }]);
    expect(fromScratch(site).resources).toEqual(site.model.render());
  });

  it('D9 touches none of its inputs and says what was added by whom', () => {
    const startup: Resource = {
      ...domain('edge'),
      spec: { prefix: '10.', depth: { mtu: 1400, list: [1, 'two', null, true] } },
    };
    const site = given(declared(startup), proposed({ by: 'claims', resources: [claim('a')] }));
    const before = canonicalJson(site.log);
    frozen(site.log);

    const { resources } = fromScratch(site);

    expect(canonicalJson(site.log)).toBe(before);
    expect(resources[0]).toEqual({ resource: startup, revision: 1 });
    expect(resources[1]?.part).toEqual({ source: sourceOf({ by: 'claims' }), generation: 1 });
    expect(site.log.flatMap((entry) => ('effective' in entry ? entry.effective.added : []))).toEqual(
      resources,
    );
  });

  it('D15 applies 9 of 10 parts and quarantines the bad one alone, until the cause is gone', () => {
    const names = Array.from({ length: 10 }, (_, index) => `c${index}`);
    const site = given(
      declared(domain('edge')),
      ...names.map((name) =>
        proposed({ by: 'claims', about: [name], resources: [claim(name, { domain: 'edge' })] }),
      ),
    );
    const whole = site.model.digest();

    const records = site.when(declared(claim('c3')));

    expect(records).toMatchObject([
      {
        type: 'quarantined',
        source: sourceOf({ by: 'claims', about: ['c3'] }),
        reason:
          'startup-conflict: hybrid.routerd.net/v1alpha1 RemoteAddressClaim/c3 is declared by an operator',
      },
      {
        added: [],
        changed: [{ resource: claim('c3'), revision: 2 }],
        removed: [],
        quarantined: [{ source: sourceOf({ by: 'claims', about: ['c3'] }), generation: 1 }],
      },
    ]);
    expect(site.names()).toHaveLength(11);
    expect(site.model.activeParts()).toHaveLength(9);

    const back = site.when(deleted(claim('c3')));

    expect(back).toMatchObject([{ type: 'restored', generation: 1 }, { quarantined: [] }]);
    expect(site.model.digest()).toBe(whole);
    expect(site.model.quarantinedParts()).toEqual([]);
  });

  it('D16 uses only the newest generation of a source', () => {
    const site = given(
      proposed({ by: 'claims', resources: [claim('a'), claim('b')] }),
      proposed({ by: 'claims', resources: [claim('b'), claim('c')] }),
    );

    expect(site.names()).toEqual(['RemoteAddressClaim/b', 'RemoteAddressClaim/c']);
    expect(site.model.activeParts()).toMatchObject([{ generation: 2 }]);
    const [older, newer] = site.log.flatMap((entry) =>
      'part' in entry && entry.part.type === 'accepted' ? [entry.part.part] : [],
    );
    const both = [
      { part: newer!, order: 2 },
      { part: older!, order: 1 },
    ];
    expect(mergeFromScratch([], both, site.nowMs, RULES).resources).toEqual(site.model.render());
  });

  it('D17 rejects what would break the merge; the last accepted part stays', () => {
    const site = given(
      declared(domain('edge')),
      proposed({ by: 'claims', resources: [claim('a', { domain: 'edge' })] }),
    );
    const before = site.model.render();

    const records = site.when(proposed({ by: 'claims', resources: [claim('a', { domain: 'elsewhere' })] }));

    expect(records).toMatchObject([
      {
        type: 'rejected',
        error: {
          code: 'part-invalid',
          message: 'RemoteAddressClaim/a: /spec/domainRef elsewhere is not there',
          errors: [{ pointer: '/resources/0/spec/domainRef' }],
        },
      },
    ]);
    expect(site.model.render()).toEqual(before);
    expect(site.model.activeParts()).toMatchObject([{ generation: 1 }]);
  });

  it('D18 gives the same bytes and digest for the same inputs in any order', () => {
    const site = given(
      declared(domain('edge'), domain('attic', '11.')),
      proposed({ by: 'claims', about: ['a'], resources: [claim('a', { domain: 'edge' }), claim('b')] }),
      proposed({ by: 'claims', about: ['b'], resources: [claim('b', { domain: 'edge' })] }),
      proposed({ by: 'others', about: ['a'], resources: [claim('0')] }),
    );
    const startup = startupOf(site.log);
    const parts = livePartsOf(site.log);

    const one = mergeFromScratch(startup, parts, site.nowMs, RULES);
    const other = mergeFromScratch(startup.toReversed(), parts.toReversed(), site.nowMs, RULES);

    expect(JSON.stringify(other)).toBe(JSON.stringify(one));
    expect(one.digest).toBe(site.model.digest());
    expect(JSON.stringify(one.resources)).toBe(JSON.stringify(site.model.render()));
  });
});

function fromScratch(site: Scenario): Merged {
  return mergeFromScratch(startupOf(site.log), livePartsOf(site.log), site.nowMs, RULES);
}

function frozen(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  Object.values(value).forEach(frozen);
}
