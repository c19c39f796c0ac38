import { describe, expect, it } from '@jest/globals';
import type { Directive } from '@signalbox/contracts';
import { livePartsOf, startupOf } from './history.fixture.js';
import { mergeFromScratch } from './merge-from-scratch.js';
import { claim, domain, identity, mask, policy, RULES } from './resources.fixture.js';
import {
  declared,
  deleted,
  given,
  imposed,
  proposed,
  type Proposal,
  type Scenario,
  sourceOf,
  timePassed,
  withdrawn,
} from './scenario.fixture.js';

const EDGE = domain('edge');
const CLAIMS = 'EventSubscription/claims';
const ALLOWED = policy('maintenance', [CLAIMS], [EDGE]);
const MASKING: Proposal = { by: 'claims', resources: [], directives: [mask(EDGE, 'repair')] };

function rejection(site: Scenario, proposal: Proposal): unknown {
  const [record] = site.when(proposed(proposal));
  return record?.type === 'rejected' ? record.error : record;
}

function reasons(site: Scenario): string[] {
  return site.model.quarantinedParts().map(({ reason }) => reason);
}

/** Reference 10.5. */
describe('masks', () => {
  it('D2 hide an operator resource that a policy allows, and the generation says by whom, until when and why', () => {
    const site = given(declared(EDGE, ALLOWED));

    const records = site.when(proposed({ ...MASKING, ttlMs: 60_000 }));

    expect(records).toMatchObject([
      { type: 'accepted' },
      {
        removed: [identity(EDGE)],
        suppressed: [
          {
            target: identity(EDGE),
            maskedBy: [sourceOf({ by: 'claims' })],
            until: '2026-05-30T12:01:00.000Z',
            reason: 'repair',
          },
        ],
      },
    ]);
    expect(site.names()).toEqual(['DynamicOverridePolicy/maintenance']);
    const { resources, suppressed } = mergeFromScratch(
      startupOf(site.log),
      livePartsOf(site.log),
      site.nowMs,
      RULES,
    );
    expect(resources).toEqual(site.model.render());
    expect(suppressed).toEqual(site.model.suppressedResources());
  });

  it('D2 may be allowed to one part by its source', () => {
    const site = given(declared(EDGE, policy('one', [sourceOf({ by: 'claims', about: ['b'] })], [EDGE])));

    expect(rejection(site, MASKING)).toMatchObject({ code: 'mask-denied' });
    expect(rejection(site, { ...MASKING, about: ['b'] })).toMatchObject({ type: 'accepted' });
  });

  const replacing = { ...mask(EDGE), op: 'replace' as 'mask' };
  const cases: [what: string, site: Scenario, directive: Directive, why: string][] = [
    ['no policy', given(declared(EDGE)), mask(EDGE), 'no DynamicOverridePolicy allows'],
    [
      'a policy for another source',
      given(declared(EDGE, policy('p', ['EventSubscription/other', 'Plugin/planner'], [EDGE]))),
      mask(EDGE),
      `no DynamicOverridePolicy allows ${CLAIMS} to mask AddressMobilityDomain/edge`,
    ],
    [
      'a policy for another target',
      given(declared(EDGE, domain('attic'), policy('p', [CLAIMS], [domain('attic')]))),
      mask(EDGE),
      'no DynamicOverridePolicy allows',
    ],
    ['another operation', given(declared(EDGE, ALLOWED)), replacing, 'the only operation is mask'],
    ['a target that is not there', given(declared(ALLOWED)), mask(EDGE), 'no operator declared it'],
    [
      'a target of a part',
      given(declared(ALLOWED), proposed({ by: 'others', resources: [EDGE] })),
      mask(EDGE),
      'it is brought by EventSubscription/others, and only what operators declare can be masked',
    ],
  ];
  it.each(cases)('D3 are denied with %s', (_what, site, directive, why) => {
    const before = site.model.render();

    expect(rejection(site, { ...MASKING, directives: [directive] })).toMatchObject({
      code: 'mask-denied',
      message: expect.stringContaining(why),
      errors: [{ pointer: expect.stringMatching(/^\/directives\/0/) }],
    });
    expect(site.model.render()).toEqual(before);
  });

  it('D4 of two parts make one suppression with both sources, the latest end and both reasons', () => {
    const site = given(
      declared(EDGE, ALLOWED),
      proposed({ ...MASKING, about: ['a'], ttlMs: 60_000 }),
      proposed({ ...MASKING, about: ['b'], ttlMs: 30_000, directives: [mask(EDGE, 'aged')] }),
    );

    expect(site.model.suppressedResources()).toEqual([
      {
        target: identity(EDGE),
        maskedBy: [sourceOf({ by: 'claims', about: ['a'] }), sourceOf({ by: 'claims', about: ['b'] })].sort(),
        until: '2026-05-30T12:01:00.000Z',
        reason: 'aged; repair',
      },
    ]);
  });

  it('D5 that end bring the resource back with a generation, the last of them', () => {
    const site = given(
      declared(EDGE, ALLOWED),
      proposed({ ...MASKING, about: ['a'], ttlMs: 1000 }),
      proposed({ ...MASKING, about: ['b'], ttlMs: 2000 }),
    );

    expect(site.when(timePassed(1000))).toMatchObject([{ type: 'expired' }]);
    const records = site.when(timePassed(1000));

    expect(records).toMatchObject([
      { type: 'expired' },
      { added: [{ resource: EDGE, revision: 1 }], removed: [] },
    ]);
    expect(records.at(-1)).not.toHaveProperty('suppressed');
  });

  it('D5 that are withdrawn bring the resource back too', () => {
    const site = given(declared(EDGE, ALLOWED), proposed(MASKING));
    expect(site.when(withdrawn('claims'))).toMatchObject([
      { type: 'withdrawn' },
      { added: [{ resource: EDGE }] },
    ]);
  });

  it('D6 leave the identity to the operator: no part may bring it meanwhile', () => {
    const site = given(declared(EDGE, ALLOWED), proposed({ ...MASKING, about: ['b'] }));
    expect(rejection(site, { by: 'others', resources: [EDGE] })).toMatchObject({ code: 'startup-conflict' });
    expect(rejection(site, { ...MASKING, resources: [EDGE] })).toMatchObject({ code: 'startup-conflict' });
  });

  it('D8 replace a resource by one of another name', () => {
    const site = given(declared(EDGE, ALLOWED), proposed({ ...MASKING, resources: [domain('edge-2')] }));
    expect(site.names()).toEqual(['DynamicOverridePolicy/maintenance', 'AddressMobilityDomain/edge-2']);
  });

  it('D15 of a policy that is gone are quarantined and give the resource back, until it is back', () => {
    const site = given(declared(EDGE, ALLOWED), proposed(MASKING));

    expect(site.when(deleted(ALLOWED))).toMatchObject([
      { type: 'quarantined', reason: expect.stringContaining('mask-denied: mask of') },
      { added: [{ resource: EDGE }] },
    ]);
    expect(site.when(declared(ALLOWED))).toMatchObject([
      { type: 'restored' },
      { removed: [identity(EDGE)], suppressed: [{ target: identity(EDGE) }] },
    ]);
  });

  it('D15 do not take away what the operator still refers to, unless that is masked as well', () => {
    const referring = claim('a', { domain: 'edge' });
    const both = policy('both', [CLAIMS], [EDGE, referring]);
    const site = given(declared(EDGE, referring, both));

    expect(rejection(site, MASKING)).toMatchObject({
      code: 'mask-denied',
      message: expect.stringContaining('RemoteAddressClaim/a refers to it'),
    });
    site.when(proposed({ ...MASKING, directives: [mask(EDGE), mask(referring)] }));
    expect(site.names()).toEqual(['DynamicOverridePolicy/both']);

    site.when(declared(claim('b', { domain: 'edge' })));
    expect(reasons(site)).toEqual([expect.stringContaining('RemoteAddressClaim/b refers to it')]);
    expect(site.names()).toHaveLength(4);
  });

  it('D17 do not take away what an older part refers to; a younger one cannot refer to what is masked', () => {
    const using: Proposal = { by: 'users', resources: [claim('a', { domain: 'edge' })] };
    const older = given(declared(EDGE, ALLOWED), proposed(using));
    expect(rejection(older, MASKING)).toMatchObject({
      code: 'mask-denied',
      message: expect.stringContaining(`the part ${sourceOf({ by: 'users' })} refers to it`),
    });

    const younger = given(declared(EDGE, ALLOWED), proposed({ ...MASKING, ttlMs: 1000 }));
    expect(rejection(younger, using)).toMatchObject({
      code: 'part-invalid',
      message: `RemoteAddressClaim/a: /spec/domainRef refers to what ${sourceOf({ by: 'claims' })} masks`,
    });
    younger.when(timePassed(1000));
    expect(rejection(younger, using)).toMatchObject({ type: 'accepted' });
  });

  it('D17 hold against a younger part also while they are held back, as they may come back', () => {
    const site = given(
      declared(EDGE, ALLOWED),
      proposed(MASKING),
      declared(claim('operated', { domain: 'edge' })),
    );
    expect(reasons(site)).toHaveLength(1);
    expect(rejection(site, { by: 'users', resources: [claim('a', { domain: 'edge' })] })).toMatchObject({
      code: 'part-invalid',
    });
  });

  it('of what is wrong in itself hide nothing', () => {
    const { spec: _spec, ...rest } = claim('bad');
    const site = given(
      declared(EDGE, ALLOWED),
      imposed({ ...MASKING, resources: [{ ...rest, spec: {} }] }),
      proposed({ by: 'users', resources: [claim('a', { domain: 'edge' })] }),
    );
    expect(site.names()).toContain('RemoteAddressClaim/a');
  });

  it('in another project hide the resource of that project only', () => {
    const inLab = { ...EDGE, metadata: { ...EDGE.metadata, project: 'lab' } };
    const { apiVersion, kind, metadata } = EDGE;
    const target = { apiVersion, kind, project: 'lab', name: metadata.name };
    const allowed = {
      ...ALLOWED,
      spec: { allow: [{ source: CLAIMS, operations: ['mask'], targets: [target] }] },
    };
    const site = given(
      declared(EDGE, inLab, allowed),
      proposed({ ...MASKING, directives: [{ op: 'mask', target }] }),
    );
    expect(site.model.suppressedResources()).toMatchObject([{ target: identity(inLab) }]);
    expect(site.names()).toContain('AddressMobilityDomain/edge');
  });
});
