import { describe, expect, it } from '@jest/globals';
import { type Findings, verdictOf, type VerdictPart, type VerdictRun } from './verdict.js';

const base: Findings = {
  event: { id: 'e1', group: 'cloud' },
  decisions: [{ subscription: 'claims', matched: true }],
  runs: [],
  parts: [],
  resources: [],
  registered: [],
  generation: 4,
};
const run = (over: Partial<VerdictRun> = {}): VerdictRun => ({
  runId: 'r1',
  subscription: 'claims',
  plugin: 'to-claim',
  state: 'succeeded',
  attempt: 1,
  maxAttempts: 3,
  plannedAt: '2026-01-01T00:00:00.000Z',
  ...over,
});
const part = (over: Partial<VerdictPart> = {}): VerdictPart => ({
  source: 'EventSubscription/claims/00',
  generation: 1,
  runId: 'r1',
  state: 'active',
  reason: null,
  ...over,
});

describe('verdictOf', () => {
  it('says which backend a registration is, and what else it started', () => {
    const registered = [
      { source: 'BackendSource/vms', kind: 'Backend', name: 'vms-192.0.2.1:80' },
      { source: 'BackendSource/vms', kind: 'PoolMember', name: 'pool/web/vms-192.0.2.1:80' },
    ];
    const told = 'BackendSource/vms has Backend/vms-192.0.2.1:80 from it.';
    expect(verdictOf({ ...base, decisions: [], registered })).toBe(told);
    expect(verdictOf({ ...base, registered })).toBe(`${told} claims: matched, its run is not planned yet.`);
  });

  it('says that the group has no subscription', () => {
    expect(verdictOf({ ...base, decisions: [] })).toBe(
      'No EventSubscription names the group "cloud", so nothing was started.',
    );
  });

  it('names the clause that failed for each subscription', () => {
    const decisions = [
      { subscription: 'a', matched: false, clause: 'types', message: 'wants type "x", found "y"' },
      {
        subscription: 'b',
        matched: false,
        clause: 'payload',
        message: 'wants payload "k" = "v", found no such key',
      },
    ];
    expect(verdictOf({ ...base, decisions })).toBe(
      'No subscription matched: a (types: wants type "x", found "y"); b (payload: wants payload "k" = "v", found no such key).',
    );
  });

  it('counts the subscriptions it does not name', () => {
    const decisions = Array.from({ length: 7 }, (_, i) => ({
      subscription: `s${i}`,
      matched: false,
      clause: 'types',
    }));
    expect(verdictOf({ ...base, decisions })).toContain('s4 (types); and 2 more.');
  });

  it('says that the fact expired', () => {
    const event = { ...base.event, expiresAt: '2026-01-01T00:00:00Z' };
    const decisions = [{ subscription: 'a', matched: false, clause: 'expired', message: 'too late' }];
    expect(verdictOf({ ...base, event, decisions })).toBe(
      'The fact had expired at 2026-01-01T00:00:00Z before it could start anything.',
    );
  });

  it('says that a run is still to come, X16 and what it waits for', () => {
    expect(verdictOf(base)).toBe('claims: matched, its run is not planned yet.');
    const waiting = { waitsFor: 'Plugin/to-claim', reason: 'plugin-missing' } as const;
    const decisions = [{ subscription: 'claims', matched: true, ...waiting }];
    expect(verdictOf({ ...base, decisions })).toBe(
      'claims: matched, its run waits: Plugin/to-claim is not declared: apply it.',
    );
  });

  it.each<[Partial<VerdictRun>, string]>([
    [{ state: 'running' }, 'claims: run r1 of plugin to-claim is running.'],
    [
      { state: 'failed', attempt: 3, errorCode: 'plugin-exit', error: 'exit code 1' },
      'claims: run r1 of plugin to-claim failed after 3 of 3 attempts with plugin-exit: exit code 1.',
    ],
    [
      { state: 'retrying', retryAt: '2026-01-01T00:00:01Z', errorCode: 'plugin-timeout', error: 'after 10s' },
      'claims: run r1 of plugin to-claim failed with plugin-timeout: after 10s; it is tried again at 2026-01-01T00:00:01Z.',
    ],
    [
      { state: 'skipped', errorCode: 'superseded', error: 'a newer fact' },
      'claims: run r1 was skipped (superseded: a newer fact).',
    ],
  ])('tells a run that has no part: %j', (over, verdict) => {
    expect(verdictOf({ ...base, runs: [run(over)] })).toBe(verdict);
  });

  it('counts the resources of an accepted part', () => {
    const { source } = part();
    const resources = [{ source }, { source }, { source: 'other' }];
    expect(verdictOf({ ...base, runs: [run()], parts: [part()], resources })).toBe(
      'claims: part EventSubscription/claims/00 was accepted and has 2 resources in generation 4.',
    );
  });

  it('says why a part is held back', () => {
    const parts = [part({ state: 'quarantined', reason: 'startup-conflict' })];
    expect(verdictOf({ ...base, runs: [run()], parts })).toBe(
      'claims: its part EventSubscription/claims/00 is quarantined (startup-conflict).',
    );
  });

  it('speaks of the newest run', () => {
    const runs = [
      run({ runId: 'r2', state: 'running', plannedAt: '2026-01-02T00:00:00.000Z' }),
      run({ state: 'failed' }),
    ];
    expect(verdictOf({ ...base, runs })).toContain('run r2');
  });
});
