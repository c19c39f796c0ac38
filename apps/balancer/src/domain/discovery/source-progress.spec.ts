import { describe, expect, it } from '@jest/globals';
import { content, endpoint, source, START_MS } from './discovery.fixture.js';
import type { SourceEndpoint } from './endpoint.js';
import { type BroughtBefore, broughtBy, type DeclaredSource, SourceProgress } from './source-progress.js';
import { sourceAlarms } from './source-alarms.js';

const MINUTE = 60_000;

/** A progress, and what it proposes and stores at a time. */
function given(of: DeclaredSource = source(), before?: BroughtBefore) {
  const progress = new SourceProgress(of, before, START_MS);
  const step = (nowMs = START_MS) => {
    const proposal = progress.next(nowMs);
    if (proposal) progress.stored(proposal);
    return proposal?.part;
  };
  const says = (endpoints: readonly SourceEndpoint[], nowMs = START_MS) => {
    progress.observe({ type: 'content', content: content(endpoints) }, nowMs);
    return step(nowMs);
  };
  const isAway = (nowMs = START_MS) => {
    progress.observe({ type: 'unavailable', reason: 'gone' }, nowMs);
    return step(nowMs);
  };
  const alarms = (nowMs = START_MS) =>
    sourceAlarms(progress.status(), progress.isAway(nowMs)).map(({ kind }) => kind);
  return { progress, step, says, isAway, alarms };
}

function weights(
  part: { readonly resources: readonly { kind: string; spec: object }[] } | undefined,
): unknown {
  return part?.resources.filter(({ kind }) => kind === 'PoolMember').map(({ spec }) => Object(spec).weight);
}

describe('a source', () => {
  it('proposes what it says, once, and what is due by time alone', () => {
    const { progress, step, says } = given();
    expect(step()).toBeUndefined();
    const part = says([endpoint(1), endpoint(2)]);
    expect(part).toMatchObject({ owner: 'BackendSource/vms', facts: [], factOf: [-1, -1, -1, -1] });
    expect([part?.resources.length, part?.group]).toEqual([4, undefined]);
    expect(says([endpoint(2), endpoint(1)], START_MS + 1)).toBeUndefined();
    expect(weights(says([endpoint(1)], START_MS + MINUTE))).toEqual([100, 0]);
    expect(progress.nextDueMs(START_MS + MINUTE)).toBe(START_MS + MINUTE + 30_000);
    expect(step(START_MS + MINUTE + 29_999)).toBeUndefined();
    expect(weights(step(START_MS + MINUTE + 30_000))).toEqual([100]);
    expect(progress.status()).toMatchObject({ state: 'synced', endpoints: 1, draining: 0 });
  });

  it('proposes again what could not be stored', () => {
    const { progress, says } = given();
    progress.observe({ type: 'content', content: content([endpoint(1)]) }, START_MS);
    const lost = progress.next(START_MS);
    expect(progress.next(START_MS)).toEqual(lost);
    expect(says([endpoint(1)])).toEqual(lost?.part);
  });

  it('names the fact of each endpoint, and renews without a proposal', () => {
    const fact = (id: string) => ({ seq: 1, id, origin: 'edge-1', factKey: id, subject: '' });
    const { says } = given();
    const part = says([endpoint(1, { fact: fact('a') }), endpoint(2, { fact: fact('b') })]);
    expect(part).toMatchObject({ group: 'edge', facts: [{ id: 'a' }, { id: 'b' }], factOf: [0, 1, 0, 1] });
    expect(says([endpoint(1, { fact: fact('a2') }), endpoint(2, { fact: fact('b2') })])).toBeUndefined();
  });

  it('tells that there is nothing, but not before it has said so', () => {
    const { says, isAway } = given();
    expect(isAway()).toBeUndefined();
    expect(says([])?.resources).toEqual([]);
    expect(isAway(START_MS + MINUTE)).toBeUndefined();
  });

  it('F18 moves nothing while it cannot be asked, and tells an alarm after a while', () => {
    const { progress, says, isAway, alarms, step } = given();
    says([endpoint(1)]);
    for (const atMs of [0, 30_000, MINUTE, 10 * MINUTE]) expect(isAway(START_MS + atMs)).toBeUndefined();
    expect(progress.status()).toMatchObject({
      state: 'unavailable',
      reason: 'gone',
      endpoints: 1,
      draining: 0,
    });
    expect([alarms(START_MS + MINUTE - 1), alarms(START_MS + MINUTE)]).toEqual([[], ['source-unavailable']]);
    expect(step(START_MS + 24 * 60 * MINUTE)).toBeUndefined();
    expect(says([endpoint(1)], START_MS + 11 * MINUTE)).toBeUndefined();
    expect(alarms(START_MS + 11 * MINUTE)).toEqual([]);
  });

  it('is drained while it cannot be asked when that is asked for, and back with its first word', () => {
    const { progress, says, isAway, step } = given(
      source({ onUnavailable: 'drain', unavailableAfter: '10s' }),
    );
    says([endpoint(1), endpoint(2)]);
    expect(isAway()).toBeUndefined();
    expect(progress.nextDueMs(START_MS)).toBe(START_MS + 10_000);
    expect(weights(step(START_MS + 10_000))).toEqual([0, 0]);
    expect(progress.status()).toMatchObject({ endpoints: 2, draining: 2 });
    expect(weights(says([endpoint(1), endpoint(2)], START_MS + 20_000))).toEqual([100, 100]);
  });

  it('tells that it is held back, and since when', () => {
    const { progress, says, alarms } = given(source({ maxRemovedPercent: 40 }));
    says([endpoint(1), endpoint(2)]);
    expect(says([], START_MS + 1000)).toBeUndefined();
    expect(says([endpoint(1)], START_MS + 2000)).toBeUndefined();
    expect(progress.status().heldBack).toEqual({ leaving: 1, of: 2, since: '2026-05-30T12:00:01.000Z' });
    expect(alarms()).toEqual(['source-held-back']);
    says([endpoint(1), endpoint(2)], START_MS + 3000);
    expect(progress.status().heldBack).toBeUndefined();
  });

  it('proposes what was refused again when asked to, and tells why until it is taken', () => {
    const { progress, says, step, alarms } = given();
    const part = says([endpoint(1)]);
    expect(progress.retry()).toBe(false);
    const refused = { code: 'result-too-large', message: 'the part has 9 MB' } as const;
    expect(progress.rejected(part!.runId, refused, START_MS)).toBe(false);
    expect(alarms()).toEqual(['source-rejected']);
    expect(step()).toBeUndefined();
    expect(progress.retry()).toBe(true);
    const again = step(START_MS + 1);
    expect(again?.resources).toHaveLength(2);
    progress.accepted(again!.runId);
    expect([progress.status().rejected, alarms()]).toEqual([undefined, []]);
  });

  it('goes on without what is refused, tells that, and proposes it again only when asked to', () => {
    const { progress, says, step, alarms } = given();
    const all = says([endpoint(1), endpoint(2)])!;
    const refused = {
      pointer: '/resources/0',
      message: 'Backend/vms-192.0.2.1:8080 is declared by an operator',
    };
    const error = { code: 'startup-conflict', message: refused.message, errors: [refused] } as const;
    expect(progress.rejected(all.runId, error, START_MS)).toBe(true);
    const rest = step(START_MS + 1);
    expect(rest?.resources).toHaveLength(2);
    progress.accepted(rest!.runId);
    expect(progress.status().rejected).toMatchObject({ code: 'startup-conflict', message: refused.message });
    expect(alarms()).toEqual(['source-rejected']);
    expect(says([endpoint(1), endpoint(2)], START_MS + 2)).toBeUndefined();
    expect(says([endpoint(1), endpoint(2), endpoint(3)], START_MS + 3)?.resources).toHaveLength(4);

    expect(progress.retry()).toBe(true);
    const again = step(START_MS + 4)!;
    expect(again.resources).toHaveLength(6);
    progress.accepted(again.runId);
    expect([progress.status().rejected, alarms()]).toEqual([undefined, []]);
  });

  it('proposes nothing when what is left of a refused part is in the config already', () => {
    const { progress, says, step } = given();
    progress.accepted(says([endpoint(2)])!.runId);
    const both = says([endpoint(1), endpoint(2)], START_MS + 1)!;
    const errors = [{ pointer: '/resources/0', message: 'no' }];
    expect(progress.rejected(both.runId, { code: 'part-invalid', message: 'no', errors }, START_MS)).toBe(
      true,
    );
    expect(step(START_MS + 2)).toBeUndefined();
  });

  it('tells nothing any more of what was refused once that is gone', () => {
    const { progress, says, step } = given();
    progress.accepted(says([endpoint(2)])!.runId);
    const both = says([endpoint(1), endpoint(2)], START_MS + 1)!;
    const errors = [{ pointer: '/resources/0', message: 'no' }];
    progress.rejected(both.runId, { code: 'part-invalid', message: 'no', errors }, START_MS + 1);
    expect(step(START_MS + 2)).toBeUndefined();
    expect(progress.status().rejected).toMatchObject({ message: 'no' });
    // what never was in the config has nothing to drain
    says([endpoint(2)], START_MS + 3);
    step(START_MS + 3 + MINUTE);
    expect(progress.status().rejected).toBeUndefined();
  });

  it('is neutral to a restart, also in the middle of a drain', () => {
    const first = given();
    first.says([endpoint(1, { weight: 7, tags: ['a'] }), endpoint(2)]);
    const part = first.says([endpoint(1, { weight: 7, tags: ['a'] })], START_MS + 1000)!;
    const stored = part.resources.map((resource) => ({
      ...resource,
      metadata: {
        ...resource.metadata,
        annotations: { ...resource.metadata.annotations, 'routerd.net/dynamic-source': 'x' },
      },
    }));
    const second = given(source(), broughtBy({ resources: stored }, source()));
    expect(second.step(START_MS + 5000)).toBeUndefined();
    expect(second.progress.status()).toMatchObject({ state: 'starting', endpoints: 2, draining: 1 });
    expect(second.says([endpoint(1, { weight: 7, tags: ['a'] })], START_MS + 6000)).toBeUndefined();
    expect(second.progress.nextDueMs(START_MS + 6000)).toBe(START_MS + 31_000);
    expect(weights(second.step(START_MS + 31_000))).toEqual([7]);
  });

  it('goes on with a changed resource from what it brought', () => {
    const first = given();
    first.says([endpoint(1)]);
    const changed = given(source({ weight: 20 }), first.progress.brought);
    expect(changed.step()).toBeUndefined();
    expect(weights(changed.says([endpoint(1)]))).toEqual([20]);
  });

  it('has Backends of its plain name in its project', () => {
    const { says } = given({ ...source(), name: 'shop/vms', project: 'shop' });
    const part = says([endpoint(1)]);
    expect(part?.owner).toBe('BackendSource/shop/vms');
    expect(part?.resources[0]?.metadata).toEqual({ name: 'vms-192.0.2.1:8080', project: 'shop' });
  });
});
