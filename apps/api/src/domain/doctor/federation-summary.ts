import { type SloThresholds, thresholdsOf } from '@signalbox/contracts';
import { type Check, type CheckStatus, summaryOf } from './check.js';
import type { GroupFacts, PeerFacts } from './federation-facts.js';

/** A threshold that is passed. */
export interface SloViolation {
  readonly check: string;
  readonly peer?: string;
  readonly threshold: number;
  readonly actual: number;
  readonly severity: 'warn' | 'fail';
}

/** One group against its thresholds. */
export interface SloGroup {
  readonly group: string;
  /** A FederationSLO says so; else the defaults count. */
  readonly defined: boolean;
  readonly thresholds: SloThresholds;
  readonly violations: readonly SloViolation[];
}

/** Federation in numbers. Reference 9.2; `runs` of groups are violations too. */
export interface FederationSummary {
  readonly severityCounts: Readonly<Record<CheckStatus, number>>;
  readonly failedDeliveryCount: number;
  readonly staleTTLCount: number;
  readonly pendingDeliveryCount: number;
  readonly missingExpectedPeerCount: number;
  readonly maxDeliveryLagSeconds: number;
  /** 0: nothing expires. */
  readonly minExpiresInSeconds: number;
  readonly totalEvents: number;
  readonly totalDelivered: number;
  readonly subscriptionRunsTotal: number;
  readonly subscriptionRunsSucceeded: number;
  readonly subscriptionRunsFailed: number;
  readonly subscriptionRunsPending: number;
  readonly slo: { readonly groups: readonly SloGroup[] };
}

export function federationSummary(
  groups: readonly GroupFacts[],
  checks: readonly Check[],
): FederationSummary {
  const { overall: _overall, ...severityCounts } = summaryOf(
    checks.filter(({ area }) => area === 'federation'),
  );
  const peers = groups.flatMap((group) => group.peers);
  const sum = (of: (peer: PeerFacts) => number): number => peers.reduce((total, peer) => total + of(peer), 0);
  const runs = (of: keyof GroupFacts['runs']): number =>
    groups.reduce((total, group) => total + group.runs[of], 0);
  const expiries = peers.flatMap(({ minExpiresInSeconds: left }) => (left === undefined ? [] : [left]));
  return {
    severityCounts,
    failedDeliveryCount: sum(({ failed }) => failed),
    staleTTLCount: sum(({ staleTtl }) => staleTtl),
    pendingDeliveryCount: sum(({ pending }) => pending),
    missingExpectedPeerCount: peers.filter(({ missing }) => missing > 0).length,
    maxDeliveryLagSeconds: Math.floor(Math.max(0, ...peers.map(({ maxLagSeconds = 0 }) => maxLagSeconds))),
    minExpiresInSeconds: expiries.length > 0 ? Math.floor(Math.min(...expiries)) : 0,
    totalEvents: groups.reduce((total, { events }) => total + events, 0),
    totalDelivered: sum(({ delivered }) => delivered),
    subscriptionRunsTotal: runs('total'),
    subscriptionRunsSucceeded: runs('succeeded'),
    subscriptionRunsFailed: runs('failed'),
    subscriptionRunsPending: runs('pending'),
    slo: { groups: groups.map(sloGroup).sort((a, b) => (a.group < b.group ? -1 : 1)) },
  };
}

function sloGroup(facts: GroupFacts): SloGroup {
  const thresholds = thresholdsOf(facts.slo);
  const { delivery, subscription } = thresholds;
  const violations = facts.peers
    .flatMap((peer) => peerViolations(peer, delivery))
    .concat(
      over('subscription-runs', facts.runs.failed, subscription.maxFailedRuns, 'fail'),
      over('subscription-runs', facts.runs.pending, subscription.maxPendingRuns, 'warn'),
    );
  return { group: facts.group, defined: facts.slo !== undefined, thresholds, violations };
}

function peerViolations(peer: PeerFacts, limits: SloThresholds['delivery']): SloViolation[] {
  const lag = Math.floor(peer.maxLagSeconds ?? 0);
  const { lagWarnSeconds, lagFailSeconds, expiresSoonSeconds } = limits;
  const left = peer.dueExpiresInSeconds;
  const found: Omit<SloViolation, 'peer'>[] = [];
  if (lag >= lagFailSeconds)
    found.push({ check: 'delivery-lag', threshold: lagFailSeconds, actual: lag, severity: 'fail' });
  else if (lag >= lagWarnSeconds)
    found.push({ check: 'delivery-lag', threshold: lagWarnSeconds, actual: lag, severity: 'warn' });
  found.push(...over('failed-deliveries', peer.failed, 0, 'fail'));
  if (left !== undefined && left < expiresSoonSeconds)
    found.push({
      check: 'pending-deliveries',
      threshold: expiresSoonSeconds,
      actual: Math.floor(left),
      severity: 'fail',
    });
  return found.map((violation) => ({ ...violation, peer: peer.peer }));
}

function over(
  check: string,
  actual: number,
  threshold: number,
  severity: SloViolation['severity'],
): SloViolation[] {
  return actual > threshold ? [{ check, threshold, actual, severity }] : [];
}
