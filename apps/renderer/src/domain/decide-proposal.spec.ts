import { describe, expect, it } from '@jest/globals';
import { formatTime, type PartRecord, PROVENANCE } from '@signalbox/contracts';
import { type EndedRun, proposalOfRun } from './decide-proposal.js';
import { partDigest } from './part-content.js';
import { claim, domain } from './resources.fixture.js';
import {
  declared,
  deleted,
  endedRun,
  given,
  type Proposal,
  proposed,
  type Scenario,
  sourceOf,
  timePassed,
  withdrawn,
} from './scenario.fixture.js';

function decided(site: Scenario, proposal: Proposal): PartRecord | undefined {
  return proposed(proposal)(site)[0];
}

function rejection(site: Scenario, proposal: Proposal): unknown {
  const record = decided(site, proposal);
  return record?.type === 'rejected' ? record.error : record;
}

describe('a proposal', () => {
  it('becomes a part with its run, its facts and its provenance', () => {
    const site = given(declared(domain('edge')));
    const ended = endedRun(
      { by: 'claims', about: ['a'], subject: '10.0.0.1/32', resources: [claim('a', { domain: 'edge' })] },
      site.nowMs,
      'run-7',
    );

    const record = site.model.decideProposal(
      proposalOfRun(ended)!,
      { stream: 'ACTIVITY', seq: 9 },
      site.nowMs,
    );

    const { retry: _retry, ...identity } = ended.order;
    expect(record).toEqual({
      type: 'accepted',
      at: '2026-05-30T12:00:00.000Z',
      cause: { stream: 'ACTIVITY', seq: 9 },
      supersedes: [],
      part: {
        ...identity,
        ...ended.part,
        owner: 'EventSubscription/claims',
        generation: 1,
        digest: partDigest(ended.part!),
        resources: [
          claim('a', {
            domain: 'edge',
            annotations: {
              'routerd.net/dynamic-source': 'EventSubscription/claims',
              'routerd.net/event-group': 'default',
              'routerd.net/event-id': 'run-7-a',
              'routerd.net/event-subject': '10.0.0.1/32',
            },
          }),
        ],
      },
    });
  });

  it('changes nothing before its record is applied', () => {
    const site = given();
    const proposal = { by: 'claims', resources: [claim('a')] };
    expect(decided(site, proposal)).toEqual(decided(site, proposal));
    expect(site.names()).toEqual([]);
  });

  it.each(['failed', 'lost', 'skipped'] as const)('is nothing when the run ended %s', (outcome) => {
    const site = given();
    const ended = { ...endedRun({ by: 'claims', resources: [] }, site.nowMs), outcome };
    expect(proposalOfRun(ended)).toBeUndefined();
  });

  it('is rejected when it has already ended', () => {
    const site = given();
    expect(rejection(site, { by: 'claims', resources: [claim('a')], ttlMs: 0 })).toMatchObject({
      code: 'part-expired',
    });
    expect(decided(site, { by: 'claims', resources: [claim('a')], ttlMs: 1 })?.type).toBe('accepted');
  });

  it('is rejected with pointers to every invalid field', () => {
    const { spec: _spec, ...rest } = claim('b');
    const resources = [claim('a'), { ...rest, spec: {} }, { ...claim('c'), spec: {} }, claim('a')];
    expect(rejection(given(), { by: 'claims', resources })).toMatchObject({
      code: 'part-invalid',
      message: 'RemoteAddressClaim/b: /spec/address is required (and 2 more)',
      errors: [
        { pointer: '/resources/1/spec/address' },
        { pointer: '/resources/2/spec/address' },
        { pointer: '/resources/3', message: 'RemoteAddressClaim/a is already given at /resources/0' },
      ],
    });
  });

  it('may refer to what it brings itself and to what other parts brought', () => {
    const site = given(
      proposed({ by: 'domains', resources: [domain('edge')] }),
      proposed({
        by: 'claims',
        resources: [claim('a', { domain: 'edge', refs: ['b'] }), claim('b', { refs: ['a'] })],
      }),
    );
    expect(site.names()).toHaveLength(3);
  });

  it('may not refer to what only the generation that it replaces had', () => {
    const site = given(proposed({ by: 'claims', resources: [domain('edge'), claim('a')] }));
    expect(rejection(site, { by: 'claims', resources: [claim('a', { domain: 'edge' })] })).toMatchObject({
      code: 'part-invalid',
      errors: [{ pointer: '/resources/0/spec/domainRef' }],
    });
  });

  it('may not lean on a part that falls with the generation that it replaces', () => {
    const site = given(
      proposed({ by: 'claims', resources: [domain('edge')] }),
      proposed({ by: 'others', resources: [claim('b', { domain: 'edge' })] }),
    );
    expect(rejection(site, { by: 'claims', resources: [claim('a', { refs: ['b'] })] })).toMatchObject({
      code: 'part-invalid',
      errors: [{ pointer: '/resources/0/spec/refs/0' }],
    });
  });

  it('brings its owner a newer version of a resource, and the older one comes back when it ends', () => {
    const site = given(
      proposed({ by: 'claims', about: ['a'], resources: [claim('x', { address: '10.0.0.1/32' })] }),
      proposed({
        by: 'claims',
        about: ['b'],
        resources: [claim('x', { address: '10.0.0.2/32' })],
        ttlMs: 10,
      }),
    );
    const address = (): unknown => site.model.render()[0]?.resource.spec['address'];
    expect(address()).toBe('10.0.0.2/32');
    site.when(timePassed(10));
    expect(address()).toBe('10.0.0.1/32');
  });

  it('cannot take what a quarantined part of another owner holds', () => {
    const site = given(
      declared(domain('edge')),
      proposed({ by: 'first', resources: [claim('a', { domain: 'edge' })] }),
      deleted(domain('edge')),
    );
    expect(site.names()).toEqual([]);
    expect(rejection(site, { by: 'second', resources: [claim('a')] })).toMatchObject({
      code: 'part-conflict',
    });
  });
});

describe('generations and lineages', () => {
  it('generations of a source rise even after its part has ended', () => {
    const site = given(proposed({ by: 'claims', resources: [claim('a')], ttlMs: 10 }), timePassed(10));
    expect(decided(site, { by: 'claims', resources: [claim('a')] })).toMatchObject({
      part: { generation: 2 },
    });
  });

  it('a part supersedes those of its owner that have no lineage left', () => {
    const site = given(
      proposed({ by: 'claims', about: ['a', 'b'], resources: [claim('ab')] }),
      proposed({ by: 'claims', about: ['a'], resources: [claim('a')] }),
      proposed({ by: 'others', about: ['b'], resources: [claim('other')] }),
    );
    expect(site.model.activeParts()).toHaveLength(3);

    const [record] = site.when(proposed({ by: 'claims', about: ['b'], resources: [claim('b')] }));

    expect(record).toMatchObject({
      supersedes: [{ source: sourceOf({ by: 'claims', about: ['a', 'b'] }), generation: 1 }],
    });
    expect(site.names()).toEqual([
      'RemoteAddressClaim/a',
      'RemoteAddressClaim/b',
      'RemoteAddressClaim/other',
    ]);
  });

  it('a renewal with the same content makes no generation, but render names the newest facts', () => {
    const proposal = { by: 'claims', resources: [claim('a', { annotations: { note: 'kept' } })] };
    const site = given(proposed(proposal));
    const generation = site.model.generation();
    const annotations = (): unknown => site.model.render()[0]?.resource.metadata.annotations;
    const before = annotations();

    const records = site.when(proposed(proposal));

    expect(records).toMatchObject([{ type: 'accepted', part: { generation: 2 } }]);
    expect(site.model.generation()).toBe(generation);
    expect(annotations()).not.toEqual(before);
    expect(annotations()).toMatchObject({ note: 'kept', 'routerd.net/event-id': 'run-2-a' });
    expect(site.model.render()[0]?.part?.generation).toBe(2);
  });
});

describe('a part of several facts', () => {
  const about = ['a', 'b', 'c'];

  function eventIds(proposal: Proposal): (string | undefined)[] {
    const site = given();
    const ended = endedRun(proposal, site.nowMs);
    const record = site.model.decideProposal(proposalOfRun(ended)!, site.cause(), site.nowMs);
    if (record?.type !== 'accepted') throw new Error('it was not accepted');
    return record.part.resources.map(({ metadata }) => metadata.annotations?.[PROVENANCE.factIds]);
  }

  it.each<[named: string, shown: string]>([
    ['run-1-b', 'run-1-b'],
    ['run-1-c,run-1-a', 'run-1-a,run-1-c'],
    ['run-1-b,another', 'run-1-a,run-1-b,run-1-c'],
    ['', 'run-1-a,run-1-b,run-1-c'],
  ])('a resource that names %p comes from %p', (named, shown) => {
    const resource = claim('x', { annotations: { [PROVENANCE.factIds]: named } });
    expect(
      eventIds({ by: 's', about, resources: [resource, claim('y', { address: '10.88.60.77/32' })] }),
    ).toEqual([shown, 'run-1-a,run-1-b,run-1-c']);
  });

  it('S20 does not hold the lineage of a fact that failed, but one that was ignored', () => {
    const site = given();
    const outcomes = [
      { eventId: 'run-1-b', outcome: 'failed' },
      { eventId: 'run-1-c', outcome: 'ignored' },
    ] as const;
    const run = endedRun({ by: 's', about, resources: [claim('x')] }, site.nowMs);
    const ended: EndedRun = { ...run, outcomes };
    expect(site.model.decideProposal(proposalOfRun(ended)!, site.cause(), site.nowMs)).toMatchObject({
      type: 'accepted',
      part: {
        facts: [{ factKey: 'a' }, { factKey: 'c' }],
        source: sourceOf({ by: 's', about: ['a', 'c'] }),
      },
    });
  });
});

describe('what is left of a part', () => {
  const addresses = { a: '10.88.60.71/32', b: '10.88.60.72/32' };
  const whole = {
    by: 's',
    about: ['a', 'b'],
    resources: Object.entries(addresses).map(([name, address]) => claim(name, { address })),
  };
  const ref = { source: sourceOf(whole), generation: 1 };
  const rest = { by: 's', about: ['b'], resources: [claim('b', { address: addresses.b })], ttlMs: 600_000 };

  function remade(site: Scenario): PartRecord | undefined {
    const run = endedRun(rest, site.nowMs, 'run-rest');
    const ended: EndedRun = { ...run, order: { ...run.order, remakes: { ...ref, reason: 'a left' } } };
    return site.model.decideProposal(proposalOfRun(ended)!, site.cause(), site.nowMs);
  }

  it('stays when another lineage is withdrawn', () => {
    const site = given(declared(domain('lab')), proposed(whole), withdrawn('s', ['a']));
    expect(site.names().filter((name) => name.startsWith('RemoteAddressClaim'))).toEqual([
      'RemoteAddressClaim/a',
      'RemoteAddressClaim/b',
    ]);
  });

  it('is withdrawn when newer parts have all its other lineages', () => {
    const site = given(declared(domain('lab')), proposed(whole), proposed(rest), withdrawn('s', ['a']));
    expect(site.names()).toEqual(expect.not.arrayContaining(['RemoteAddressClaim/a']));
    expect(site.names()).toContain('RemoteAddressClaim/b');
  });

  it('takes the place of the part in one record, and ends when that would have ended', () => {
    const site = given(declared(domain('lab')), proposed(whole));
    const until = site.nowMs + 60_000;
    site.when(timePassed(10_000));
    const record = remade(site);
    expect(record).toMatchObject({
      type: 'accepted',
      part: { expiresAt: formatTime(until), resources: [{ metadata: { name: 'b' } }] },
      supersedes: [ref],
    });
    site.when(() => [record!]);
    expect(site.names()).toEqual(expect.not.arrayContaining(['RemoteAddressClaim/a']));
    expect(site.names()).toContain('RemoteAddressClaim/b');
  });

  it('is rejected when the part has ended meanwhile: its time brings nothing back', () => {
    const site = given(declared(domain('lab')), proposed(whole), timePassed(60_001));
    expect(remade(site)).toMatchObject({ type: 'rejected', error: { code: 'part-expired' } });
  });
});
