import { type AllDownMode, endpointOf, formatTime, type FrontendTarget } from '@signalbox/contracts';
import type { FamilyName } from '@signalbox/contracts';
import { allDownWeight } from './all-down.js';
import type { ActivePool } from './failback.js';
import { isOfOtherFamily, type MemberView } from './pool-view.js';
import { slowStart } from './slow-start.js';
import { targetWeight, type TargetWeight } from './target-weight.js';
import { reasonText } from './weight-reason.js';

/** What holds for all members of one pool. */
export interface PoolSituation {
  /** Whether it is one of the pools of the frontend, or gets what its policies send there. */
  readonly serves: 'frontend' | 'policies';
  readonly pool: string;
  readonly index: number;
  readonly active: ActivePool;
  readonly activePool: string;
  /** Traffic comes back to the active pool now, from one that stands behind it. */
  readonly isFailback: boolean;
  /** Family that the frontend serves. */
  readonly family: FamilyName | undefined;
  readonly flushOnDown: boolean;
  readonly slowStartMs: number;
  /** Set while no backend of any pool is up. */
  readonly allDown: AllDownMode | undefined;
  readonly nowMs: number;
}

/** What the rules say of one member. */
export interface MemberRuling {
  readonly state: MemberView['state'];
  readonly target: FrontendTarget;
  /** When they will say something else although nothing happened, epoch ms. */
  readonly wakeAtMs?: number;
}

type TimedWeight = TargetWeight & { readonly untilMs?: number; readonly wakeAtMs?: number };

/** The target of one member. `last`: its target in the last decision. */
export function ruleMember(
  member: MemberView,
  last: FrontendTarget | undefined,
  situation: PoolSituation,
): MemberRuling {
  const { serves, pool, activePool } = situation;
  const ruling = timedWeight(member, last, situation);
  const text = reasonText({ serves, pool, activePool, member, ruling, untilMs: ruling.untilMs });
  const target: FrontendTarget = {
    pool,
    backend: member.backend,
    ...(member.address !== undefined && endpointOf({ ...member, address: member.address })),
    weight: member.weight,
    effective: ruling.effective,
    flush: ruling.flush,
    why: {
      rule: ruling.rule,
      text,
      ...(ruling.untilMs !== undefined && { until: formatTime(ruling.untilMs) }),
    },
  };
  const { state } = member;
  return ruling.wakeAtMs === undefined ? { state, target } : { state, target, wakeAtMs: ruling.wakeAtMs };
}

function timedWeight(
  member: MemberView,
  last: FrontendTarget | undefined,
  situation: PoolSituation,
): TimedWeight {
  const { index, active, family, flushOnDown, slowStartMs, allDown, nowMs } = situation;
  const ruling = targetWeight(member, { pool: index, active: active.index, flushOnDown });
  if (isOfOtherFamily(member, family)) return { ...ruling, rule: 'family-mismatch', effective: 0 };
  if (ruling.rule === 'standby') {
    const readyAtMs = active.waiting.get(index);
    if (readyAtMs === undefined) return ruling;
    return { ...ruling, rule: 'failback-wait', untilMs: readyAtMs, wakeAtMs: readyAtMs };
  }
  if (ruling.rule === 'active') {
    // Whoever has all of its weight keeps it: a clock that was set back begins no ramp.
    if (last?.why.rule === 'active' && isAt(last, member)) return ruling;
    const ramp = slowStart(member.weight, rampStartMs(member, last, situation), slowStartMs, nowMs);
    if (!ramp) return ruling;
    const { weight, endMs, nextStepMs } = ramp;
    return { ...ruling, rule: 'slow-start', effective: weight, untilMs: endMs, wakeAtMs: nextStepMs };
  }
  return (allDown && allDownWeight(allDown, member, index, last?.effective ?? 0)) ?? ruling;
}

/**
 * A ramp begins when the backend comes up. One that has come up while its pool waited to take over begins it when the
 * pool does: on standby it got nothing to warm up with. A ramp that has begun goes on, also after a restart.
 */
function rampStartMs(
  member: MemberView,
  last: FrontendTarget | undefined,
  { isFailback, slowStartMs, nowMs }: PoolSituation,
): number {
  const { sinceMs } = member;
  if (!last || !isAt(last, member)) return sinceMs;
  const { rule, until } = last.why;
  if (rule === 'slow-start' && until !== undefined) return Math.max(sinceMs, Date.parse(until) - slowStartMs);
  const waited = rule === 'standby' || rule === 'failback-wait';
  return waited && isFailback ? Math.max(sinceMs, nowMs) : sinceMs;
}

/** Whether the target was what the member is now, and not another server under its name. */
function isAt({ address, port }: FrontendTarget, member: MemberView): boolean {
  return address === member.address && port === member.port;
}
