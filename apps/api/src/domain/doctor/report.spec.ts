import { describe, expect, it } from '@jest/globals';
import { AREAS, type Check, summaryOf } from './check.js';
import { givenGroup, givenPeer, givenSite } from './given-site.fixture.js';
import { remediationPlan } from './remediation.js';
import { siteReport } from './report.js';

const PLAN = { planAt: '2026-12-01T00:00:00Z' };
const check = (given: Partial<Check>): Check => ({
  ...{ area: 'federation', code: 'x', name: 'x', status: 'pass', detail: '' },
  ...given,
});

describe('summary', () => {
  it.each([
    [[], 'skip'],
    [['skip', 'skip'], 'skip'],
    [['skip', 'pass'], 'pass'],
    [['pass', 'warn'], 'warn'],
    [['warn', 'fail', 'pass'], 'fail'],
  ] as const)('O1 of %j is %s', (statuses, overall) => {
    expect(summaryOf(statuses.map((status) => check({ status }))).overall).toBe(overall);
  });
});

describe('remediation plan', () => {
  const everything = givenPeer({
    ...{ failed: 2, pending: 2, staleTtl: 1, maxLagSeconds: 500, missing: 1, error: 'no answer' },
  });

  it('O7 each fault has its action, safe or for approval', () => {
    const { checks } = siteReport(
      givenSite({
        groups: [
          givenGroup({
            peers: [everything, givenPeer({ peer: 'nowhere', endpoint: '' })],
            runs: { total: 1, succeeded: 0, failed: 1, pending: 0 },
          }),
        ],
      }),
    );
    const told = remediationPlan(checks).map(({ action, targetPeer, safe, requiresOperatorApproval }) => [
      ...[action, targetPeer, safe, requiresOperatorApproval],
    ]);
    expect(told).toEqual([
      ['check-peer-connectivity', 'cloud', true, false],
      ['configure-peer-endpoint', 'nowhere', false, true],
      ['force-repush-stale-ttl', 'cloud', true, false],
      ['inspect-failed-subscription-runs', undefined, true, false],
      ['investigate-missing-delivery-rows', 'cloud', true, false],
      ['investigate-pending-deliveries', 'cloud', true, false],
      ['retry-failed-deliveries', 'cloud', true, false],
    ]);
  });

  it('O7 is empty when all is well, and absent when it is not asked for', () => {
    expect(siteReport(givenSite(), PLAN).remediationPlan).toEqual({
      generatedAt: PLAN.planAt,
      actions: [],
    });
    expect(siteReport(givenSite())).not.toHaveProperty('remediationPlan');
  });

  it('O7 has one action for each target, and does not depend on the order of the facts', () => {
    const bad = check({ code: 'failed-deliveries', status: 'fail', group: 'a', peer: 'p' });
    const warned = check({ code: 'delivery-lag', status: 'warn', group: 'b', peer: 'p' });
    expect(remediationPlan([bad, warned, bad])).toHaveLength(2);
    expect(remediationPlan([warned, bad])).toEqual(remediationPlan([bad, warned]));
    const groups = ['b', 'a'].map((group) => givenGroup({ group, peers: [everything] }));
    const [one, other] = [groups, groups.toReversed()].map((all) =>
      JSON.stringify(siteReport(givenSite({ groups: all }), PLAN)),
    );
    expect(one).toBe(other);
  });
});

describe('site report', () => {
  it('O12 tells whose clock is off: servers, peers, and those who push to us', () => {
    const senders = [{ sender: 'onprem', skewSeconds: -600, windowSeconds: 300 }];
    const group = givenGroup({ peers: [givenPeer({ skewSeconds: 600 })], senders });
    const { checks } = siteReport(
      givenSite({ clocks: [{ name: 'NATS', skewSeconds: 7 }, { name: 'Postgres' }], groups: [group] }),
      { areas: ['clock'] },
    );
    expect(
      checks.map(({ name, status, detail }) => [name, status, /is \d+ s \w+/.exec(detail)?.[0]]),
    ).toEqual([
      ['NATS', 'warn', 'is 7 s ahead'],
      ['Postgres', 'skip', undefined],
      ['edge → cloud', 'fail', 'is 600 s ahead'],
      ['edge ← onprem', 'fail', 'is 600 s behind'],
    ]);
  });

  it('what cannot be read fails, and hides nothing else', () => {
    const away = { nats: undefined, postgres: undefined, groups: undefined, projections: undefined };
    const { checks, summary } = siteReport(
      givenSite({ ...away, consumers: undefined, deadLetters: undefined }),
    );
    const failed = checks.filter(({ status }) => status === 'fail').map(({ area }) => area);
    expect(failed).toEqual(['nats', 'postgres', 'federation', 'projections', 'dead-letters']);
    expect(summary.overall).toBe('fail');
  });

  it.each([
    ['an old NATS', { nats: { ...givenSite().nats!, version: '2.9.9' } }, 'nats-version', 'fail'],
    ['the oldest NATS', { nats: { ...givenSite().nats!, version: '2.9.10' } }, 'nats-version', 'pass'],
    ['a small payload', { nats: { ...givenSite().nats!, maxPayload: 1024 } }, 'nats-max-payload', 'fail'],
    ['sync now and then', { nats: { ...givenSite().nats!, syncInterval: '2m' } }, 'nats-sync', 'warn'],
    ['a far NATS without TLS', { nats: { ...givenSite().nats!, isFar: true } }, 'nats-tls', 'warn'],
    [
      'a full account',
      { nats: { ...givenSite().nats!, storage: { used: 96, limit: 100 } } },
      'nats-storage',
      'fail',
    ],
    [
      'no fsync',
      { postgres: { ...givenSite().postgres!, settings: { fsync: 'off' } } },
      'postgres-durability',
      'warn',
    ],
    ['a full disk', { disks: [{ place: '/', used: 96, size: 100 }] }, 'disk-free', 'fail'],
    ['a key for all', { keys: [{ path: '/k', purpose: 'x', mode: 0o100644 }] }, 'key-file', 'fail'],
    ['a key for a group', { keys: [{ path: '/k', purpose: 'x', mode: 0o100640 }] }, 'key-file', 'warn'],
    ['a late table', { projections: [{ name: 'runs', stream: 'A', lag: 5000 }] }, 'projection-lag', 'warn'],
    ['a late consumer', { consumers: [{ name: 'm', stream: 'A', lag: 5000 }] }, 'consumer-lag', 'warn'],
    [
      'dead letters',
      { deadLetters: [{ service: 'ingest', code: 'bad-json', count: 2 }] },
      'dead-letters',
      'warn',
    ],
    [
      'a silent service',
      { services: [{ name: 'health', trouble: 'does not answer' }] },
      'service-ready',
      'fail',
    ],
  ] as const)('%s', (_what, given, code, status) => {
    const { checks } = siteReport(givenSite(given));
    expect(checks.find((one) => one.code === code)).toMatchObject({ status });
    expect(AREAS).toContain(checks.find((one) => one.code === code)?.area);
  });
});
