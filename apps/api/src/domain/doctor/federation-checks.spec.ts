import { describe, expect, it } from '@jest/globals';
import type { CheckStatus } from './check.js';
import { federationChecks } from './federation-checks.js';
import type { GroupFacts, PeerFacts } from './federation-facts.js';
import { givenGroup, givenPeer, givenSite } from './given-site.fixture.js';
import { siteReport } from './report.js';

function statusOf(code: string, peer: Partial<PeerFacts>, group: Partial<GroupFacts> = {}): CheckStatus {
  const checks = federationChecks(givenGroup({ peers: [givenPeer(peer)], ...group }));
  return checks.find((check) => check.code === code)?.status ?? 'skip';
}

const slo = (lagWarnSeconds: number, lagFailSeconds: number): Partial<GroupFacts> => ({
  slo: { groupRef: 'edge', delivery: { lagWarnSeconds, lagFailSeconds } },
});

describe('federation checks', () => {
  it('O1 all delivered: everything passes', () => {
    const report = siteReport(givenSite());
    expect(report.checks.filter(({ status }) => status !== 'pass')).toEqual([]);
    expect(report.summary.overall).toBe('pass');
  });

  it.each<[string, string, Partial<PeerFacts>, CheckStatus]>([
    ['a delivery that fails', 'failed-deliveries', { failed: 1 }, 'fail'],
    ['something waits', 'pending-deliveries', { pending: 1 }, 'warn'],
    ['one of three is stale', 'stale-ttl', { staleTtl: 1, delivered: 3 }, 'warn'],
    ['all are stale', 'stale-ttl', { staleTtl: 3, delivered: 3 }, 'fail'],
    ['a lag that warns', 'delivery-lag', { maxLagSeconds: 60 }, 'warn'],
    ['a lag that fails', 'delivery-lag', { maxLagSeconds: 180 }, 'fail'],
    ['nothing delivered', 'delivery-lag', { maxLagSeconds: undefined as never }, 'skip'],
    ['nothing expires', 'event-expiry', { minExpiresInSeconds: undefined as never }, 'skip'],
    ['delivered, expires soon', 'event-expiry', { minExpiresInSeconds: 30 }, 'warn'],
    ['open, expires soon', 'event-expiry', { minExpiresInSeconds: 30, pending: 1 }, 'fail'],
  ])('O1 %s: %s', (_what, code, peer, status) => {
    expect(statusOf(code, peer)).toBe(status);
  });

  it('O2 what waits and expires in 30 s fails; with an hour left it warns', () => {
    expect(statusOf('pending-deliveries', { pending: 1, dueExpiresInSeconds: 30 })).toBe('fail');
    expect(statusOf('pending-deliveries', { pending: 1, dueExpiresInSeconds: 3600 })).toBe('warn');
  });

  it('O3 a fact of ours without a delivery fails; no endpoint fails; without facts of ours it is skipped', () => {
    expect(statusOf('expected-delivery', { missing: 1 })).toBe('fail');
    expect(statusOf('expected-delivery', {})).toBe('pass');
    expect(statusOf('expected-delivery', { missing: 0 }, { ownEvents: 0 })).toBe('skip');
    expect(statusOf('expected-delivery-no-endpoint', { endpoint: ' ' })).toBe('fail');
    expect(federationChecks(givenGroup({ peers: [] }))[0]).toMatchObject({
      code: 'expected-delivery',
      status: 'skip',
    });
  });

  it.each([
    [15, slo(10, 30), 'warn'],
    [35, slo(10, 30), 'fail'],
    [70, {}, 'warn'],
    [70, slo(0, 0), 'warn'],
  ])('O4 a lag of %d s against %j: %s', (maxLagSeconds, group, status) => {
    expect(statusOf('delivery-lag', { maxLagSeconds }, group)).toBe(status);
  });

  it('O6 of two groups the one whose limit is passed is told, and the other has no remedy', () => {
    const peers = [givenPeer({ maxLagSeconds: 50 })];
    const report = siteReport(
      givenSite({
        groups: [
          givenGroup({
            group: 'a',
            peers,
            slo: { groupRef: 'a', delivery: { lagWarnSeconds: 10, lagFailSeconds: 30 } },
          }),
          givenGroup({ group: 'b', peers, slo: { groupRef: 'b', delivery: { lagWarnSeconds: 100 } } }),
        ],
      }),
      { planAt: '2026-12-01T00:00:00Z' },
    );
    const [a, b] = report.federation.slo.groups;
    expect(a).toMatchObject({
      group: 'a',
      violations: [{ check: 'delivery-lag', threshold: 30, actual: 50, severity: 'fail' }],
    });
    expect(b).toMatchObject({ group: 'b', violations: [] });
    expect(report.remediationPlan?.actions.map(({ targetGroup }) => targetGroup)).toEqual(['a']);
  });

  it('O9 runs that failed fail, that wait warn, and are counted', () => {
    const runs = (failed: number, pending: number): Partial<GroupFacts> => ({
      runs: { total: 9, succeeded: 9 - failed - pending, failed, pending },
    });
    expect(statusOf('subscription-runs', {}, runs(1, 0))).toBe('fail');
    expect(statusOf('subscription-runs', {}, runs(0, 1))).toBe('warn');
    expect(statusOf('subscription-runs', {}, runs(0, 0))).toBe('pass');
    expect(
      statusOf('subscription-runs', {}, { runs: { total: 0, succeeded: 0, failed: 0, pending: 0 } }),
    ).toBe('skip');
    const allowed = { slo: { groupRef: 'edge', subscription: { maxFailedRuns: 1, maxPendingRuns: 1 } } };
    expect(statusOf('subscription-runs', {}, { ...runs(1, 1), ...allowed })).toBe('pass');
    expect(siteReport(givenSite({ groups: [givenGroup(runs(2, 3))] })).federation).toMatchObject({
      subscriptionRunsTotal: 9,
      subscriptionRunsSucceeded: 4,
      subscriptionRunsFailed: 2,
      subscriptionRunsPending: 3,
    });
  });

  it('warns when anybody who holds the secret may push', () => {
    expect(statusOf('open-membership', {}, { hasMembers: false })).toBe('warn');
    expect(statusOf('open-membership', {}, { hasMembers: false, listens: false })).toBe('skip');
  });
});
