import { describe, expect, it } from '@jest/globals';
import { formatTime, type PartRecord, subscriptionOwner } from '@signalbox/contracts';
import { ConfigModel } from './config-model.js';
import { replayed, snapshotOf } from './history.fixture.js';
import { endMs } from './live-part.js';
import { claim, domain, identity, RULES } from './resources.fixture.js';
import {
  changed,
  declared,
  deleted,
  given,
  lineage,
  proposed,
  sourceOf,
  timePassed,
  withdrawn,
} from './scenario.fixture.js';

const CAUSE = { stream: 'JOURNAL', seq: 1 };

describe('quarantine', () => {
  it('follows references through parts, and heals from the bottom', () => {
    const site = given(
      declared(domain('edge')),
      proposed({ by: 'a', resources: [claim('a', { domain: 'edge' })] }),
      proposed({ by: 'b', resources: [claim('b', { refs: ['a'] })] }),
      proposed({ by: 'c', resources: [claim('c', { refs: ['b'] })] }),
    );

    site.when(deleted(domain('edge')));
    expect(
      site.model
        .quarantinedParts()
        .map(({ reason }) => reason)
        .sort(),
    ).toEqual([
      'part-invalid: RemoteAddressClaim/a: /spec/domainRef edge is not there',
      'part-invalid: RemoteAddressClaim/b: /spec/refs/0 a is not there',
      'part-invalid: RemoteAddressClaim/c: /spec/refs/0 b is not there',
    ]);

    site.when(declared(domain('edge')));
    expect(site.model.quarantinedParts()).toEqual([]);
    expect(site.names()).toHaveLength(4);
  });

  it('lets parts that refer to each other come back together', () => {
    const site = given(
      declared(domain('edge')),
      proposed({ by: 'a', resources: [claim('a', { domain: 'edge' })] }),
      proposed({ by: 'b', resources: [claim('b', { refs: ['a'] })] }),
      proposed({ by: 'a', resources: [claim('a', { domain: 'edge', refs: ['b'] })] }),
      deleted(domain('edge')),
    );
    expect(site.names()).toEqual([]);
    site.when(declared(domain('edge')));
    expect(site.names()).toHaveLength(3);
  });

  it('quarantines when the referenced resource no longer fits', () => {
    const site = given(
      declared(domain('edge', '10.')),
      proposed({ by: 'a', resources: [claim('a', { domain: 'edge' })] }),
    );
    expect(site.when(declared(domain('edge', '11.')))).toMatchObject([
      { type: 'quarantined', reason: expect.stringContaining('lies outside of edge') },
      { changed: [{ resource: domain('edge', '11.') }], removed: [{ name: 'a' }] },
    ]);
  });

  it('says the present reason when another cause took over', () => {
    const site = given(
      declared(domain('edge')),
      proposed({ by: 'a', resources: [claim('a', { domain: 'edge' })] }),
      deleted(domain('edge')),
    );
    expect(site.when(declared(claim('a')))).toMatchObject([
      { type: 'quarantined', reason: expect.stringContaining('declared by an operator') },
      { added: [{ resource: claim('a') }] },
    ]);
  });

  it('does not let an older part of the owner fill in for a quarantined one', () => {
    const site = given(
      declared(domain('edge')),
      proposed({ by: 'a', about: ['old'], resources: [claim('x')] }),
      proposed({ by: 'a', about: ['new'], resources: [claim('x', { domain: 'edge' })] }),
      deleted(domain('edge')),
    );
    expect(site.names()).toEqual([]);
  });

  it('restores a part that refers to its own resource when the newer version of that ends', () => {
    const site = given(
      declared(domain('edge')),
      proposed({ by: 'a', about: ['old'], resources: [claim('x', { refs: ['x'] })] }),
      proposed({ by: 'a', about: ['new'], resources: [claim('x', { domain: 'edge' })], ttlMs: 10 }),
      deleted(domain('edge')),
    );
    expect(site.model.quarantinedParts()).toHaveLength(2);
    site.when(timePassed(10));
    expect(site.model.quarantinedParts()).toEqual([]);
    expect(site.names()).toEqual(['RemoteAddressClaim/x']);
  });

  it('lets a quarantined part expire, and owes nothing for a part that ended meanwhile', () => {
    const site = given(
      declared(domain('edge')),
      proposed({ by: 'a', resources: [claim('a', { domain: 'edge' })], ttlMs: 10 }),
      deleted(domain('edge')),
    );
    expect(site.when(timePassed(10))).toMatchObject([{ type: 'expired' }]);
    expect(site.model.quarantinedParts()).toEqual([]);

    const other = given(
      declared(domain('edge')),
      proposed({ by: 'a', resources: [claim('a', { domain: 'edge' })], ttlMs: 10 }),
    );
    changed([{ op: 'delete', ref: identity(domain('edge')) }])(other);
    expect(other.model.decideQuarantine(CAUSE, other.nowMs)).toHaveLength(1);
    other.when(timePassed(10));
    expect(other.model.decideQuarantine(CAUSE, other.nowMs)).toEqual([]);
  });

  it('makes no generation when only the list of quarantined parts changed', () => {
    const site = given(proposed({ by: 'a', resources: [claim('a')] }));
    const held = { source: sourceOf({ by: 'a' }), generation: 1 };

    expect(site.when(declared(claim('a')))).toMatchObject([{ type: 'quarantined', ...held }]);
    expect(site.model.generation()).toBe(1);
    expect(site.model.find(identity(claim('a')))).toEqual({ resource: claim('a'), revision: 1 });

    expect(site.when(declared(domain('edge')))).toMatchObject([{ generation: 2, quarantined: [held] }]);
  });
});

describe('ends', () => {
  it('come by (expiresAt, source), and the next one is always known', () => {
    const site = given(
      proposed({ by: 'b', resources: [claim('b')], ttlMs: 20 }),
      proposed({ by: 'a', resources: [claim('a')], ttlMs: 20 }),
      proposed({ by: 'c', resources: [claim('c')], ttlMs: 10 }),
    );
    expect(site.model.nextDueMs()).toBe(site.nowMs + 10);
    expect(site.model.decideExpiries(site.nowMs + 20)).toMatchObject([
      { source: sourceOf({ by: 'c' }), cause: { stream: 'clock', seq: 0 } },
      { source: sourceOf({ by: 'a' }) },
      { source: sourceOf({ by: 'b' }) },
    ]);
    site.when(proposed({ by: 'c', resources: [claim('c')], ttlMs: 30 }));
    expect(site.model.nextDueMs()).toBe(site.nowMs + 20);
    site.when(timePassed(30));
    expect(site.model.nextDueMs()).toBeUndefined();
  });

  it('never come before their time, also within a millisecond', () => {
    expect(endMs('2026-05-30T12:00:00.000Z')).toBe(Date.parse('2026-05-30T12:00:00.000Z'));
    expect(endMs('2026-05-30T12:00:00.000000001Z')).toBe(Date.parse('2026-05-30T12:00:00.001Z'));
  });

  it('that are withdrawn later come at their time, for what was proposed before the withdrawal', () => {
    const site = given(
      proposed({ by: 'a', about: ['1'], resources: [claim('a1')] }),
      proposed({ by: 'a', about: ['2'], resources: [claim('a2')] }),
    );
    // between what was proposed so far and what comes next
    const cause = { ...site.cause(), seq: site.cause().seq - 1, index: 9 };
    const at = formatTime(site.nowMs);
    const dueAt = formatTime(site.nowMs + 10);
    const owner = subscriptionOwner('a');
    site.model.applyWithdrawal({ type: 'withdrawn', at, owner, dueAt, reason: 'gone' }, cause);
    expect([site.model.nextDueMs(), site.model.firstPendingSeq]).toEqual([site.nowMs + 10, cause.seq]);
    expect(site.model.decideWithdrawals(site.nowMs + 9)).toEqual([]);
    site.when(proposed({ by: 'a', about: ['2'], resources: [claim('a2')] }));
    expect(site.model.decideWithdrawals(site.nowMs + 10)).toMatchObject([
      { type: 'withdrawn', source: sourceOf({ by: 'a', about: ['1'] }), reason: 'gone', cause },
    ]);
    expect(site.model.firstPendingSeq).toBeUndefined();
  });

  it('come by withdrawal of an owner, of lineages, and not before they are due', () => {
    const site = given(
      proposed({ by: 'a', about: ['1'], resources: [claim('a1')] }),
      proposed({ by: 'a', about: ['2'], resources: [claim('a2')] }),
      proposed({ by: 'b', about: ['1'], resources: [claim('b1')] }),
    );
    const later = {
      type: 'withdrawn' as const,
      at: formatTime(site.nowMs),
      owner: subscriptionOwner('a'),
      lineages: [lineage('1')],
      dueAt: formatTime(site.nowMs + 1),
      reason: 'rule gone',
    };
    expect(site.model.decideWithdrawal(later, CAUSE, site.nowMs)).toEqual([]);
    expect(site.model.decideWithdrawal(later, CAUSE, site.nowMs + 1)).toMatchObject([
      { type: 'withdrawn', source: sourceOf({ by: 'a', about: ['1'] }), reason: 'rule gone', cause: CAUSE },
    ]);
    site.when(withdrawn('a'));
    expect(site.names()).toEqual(['RemoteAddressClaim/b1']);
  });
});

describe('records', () => {
  it('applied twice count once', () => {
    const site = given(
      declared(domain('edge')),
      proposed({ by: 'a', resources: [claim('a', { domain: 'edge' })] }),
      proposed({ by: 'a', resources: [claim('a')] }),
      declared(domain('edge', '11.')),
    );
    const before = site.model.render();
    for (const entry of site.log.toReversed()) {
      if ('changeset' in entry) site.model.applyChangeset(entry.revision, entry.changeset);
      else if ('part' in entry) site.model.applyPart(entry.part);
    }
    expect(site.model.render()).toEqual(before);
    expect(site.model.activeParts()).toMatchObject([{ generation: 2 }]);
  });

  it('of a proposal count as everything stands when they are applied, not as it stood when it was decided', () => {
    const site = given(declared(domain('edge')));
    const [record] = proposed({ by: 'a', resources: [claim('a', { domain: 'edge' })] })(site);
    declared(claim('a'))(site);
    site.when(() => [record as PartRecord]);
    const reasons = site.model.quarantinedParts().map(({ reason }) => reason);
    expect(reasons).toEqual([expect.stringContaining('is declared by an operator')]);
    expect(site.model.quarantinedParts()).toEqual(replayed(site.log).quarantinedParts());
  });

  it('of a source that are no longer kept are forgotten when it has ended, so that its next part is the first', () => {
    const part = { by: 'a', resources: [claim('a')], ttlMs: 1000 };
    const site = given(declared(domain('edge')), proposed(part));
    const ref = { source: sourceOf({ by: 'a' }), generation: 1 };
    site.model.forget(ref);
    expect([site.model.hasEnded(ref), site.model.lastGeneration(ref.source)]).toEqual([false, 1]);
    site.when(timePassed(1000));
    expect(site.model.hasEnded(ref)).toBe(true);
    site.when(proposed(part));
    site.when(timePassed(1000));
    site.model.forget(ref);
    expect([site.model.hasEnded(ref), site.model.lastGeneration(ref.source)]).toEqual([false, 2]);
    site.model.forget({ ...ref, generation: 2 });
    expect(site.model.lastGeneration(ref.source)).toBe(0);
    site.when(proposed(part));
    expect(site.model.activeParts()).toMatchObject([{ generation: 1 }]);
  });

  it('of a generation that lags behind the parts are made up after a restart', () => {
    const site = given(declared(domain('edge')), proposed({ by: 'a', resources: [claim('a')] }));
    const lagging = snapshotOf(site.log.slice(0, -1));
    const model = new ConfigModel(lagging, RULES);
    expect(model.decideEffective(CAUSE, site.nowMs)).toMatchObject([
      { generation: 2, added: [{ part: { generation: 1 } }], changed: [], removed: [], complete: true },
    ]);
  });
});
