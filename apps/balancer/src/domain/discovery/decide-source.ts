import {
  type BackendSourceSpec,
  formatTime,
  keyOf,
  parseDuration,
  type Resource,
  SOURCE_DEFAULTS,
  timestampMs,
  wayOf,
} from '@signalbox/contracts';
import type { SourceContent } from './endpoint.js';
import { endpointKey, type HeldEndpoint, type SourceState } from './source-state.js';

/** How a source is dealt with, from its spec. Milliseconds. */
export interface SourceRules {
  readonly drainMs: number;
  readonly onUnavailable: 'hold' | 'drain';
  readonly unavailableAfterMs: number;
  readonly maxRemovedPercent: number;
  /** The Pool that every endpoint joins; absent: the source brings Pools. */
  readonly pool?: string;
}

/** More would leave at once than the source may take away: none of them does. */
export interface HeldBack {
  readonly leaving: number;
  readonly of: number;
}

/** What follows from an observation. */
export interface SourceDecision {
  readonly state: SourceState;
  readonly heldBack?: HeldBack;
  /** When somebody leaves. Milliseconds since 1970. */
  readonly nextDueMs?: number;
}

/** The rules of a valid spec. */
export function sourceRules(spec: BackendSourceSpec): SourceRules {
  const drain = wayOf(spec) === 'kubernetes' ? SOURCE_DEFAULTS.kubernetesDrain : SOURCE_DEFAULTS.drain;
  return {
    drainMs: parseDuration(spec.drain ?? drain),
    onUnavailable: spec.onUnavailable ?? 'hold',
    unavailableAfterMs: parseDuration(spec.unavailableAfter ?? SOURCE_DEFAULTS.unavailableAfter),
    maxRemovedPercent: spec.maxRemovedPercent ?? SOURCE_DEFAULTS.maxRemovedPercent,
    ...(spec.pool !== undefined && { pool: spec.pool }),
  };
}

/**
 * What a source brings once it has said all that it has: what is new joins at once, what is not there any more gets nothing new
 * for `drainMs` and then goes. When more than `maxRemovedPercent` of those that are there would leave at once, all of them stay as
 * they are, with what they stand in. spec/balance "Discovery", ADR 0028.
 */
export function decideContent(
  before: SourceState,
  { frame, endpoints }: SourceContent,
  rules: SourceRules,
  nowMs: number,
): SourceDecision {
  const wanted = new Map<string, HeldEndpoint>();
  for (const endpoint of endpoints) {
    const key = endpointKey(endpoint);
    if (!wanted.has(key)) wanted.set(key, endpoint);
  }
  const newFrame = new Map(frame.map((resource) => [keyOf(resource), resource]));
  const present = [...before.endpoints].filter(([, { leavesAt }]) => leavesAt === undefined);
  const missing = present.filter(([key]) => !wanted.has(key));
  const heldBack =
    missing.length * 100 > rules.maxRemovedPercent * present.length
      ? { leaving: missing.length, of: present.length }
      : undefined;
  const isStaying = new Set(heldBack && missing.map(([key]) => key));
  const newPools = new Set(frame.filter(({ kind }) => kind === 'Pool').map(({ metadata }) => metadata.name));
  const leavesAt = formatTime(nowMs + rules.drainMs);

  const next = new Map(wanted);
  for (const [key, endpoint] of before.endpoints) {
    if (wanted.has(key)) continue;
    if (isStaying.has(key)) next.set(key, endpoint);
    // nobody can stand in a pool that is gone
    else if (rules.pool === undefined && !heldBack && !newPools.has(endpoint.pool)) continue;
    else if (endpoint.leavesAt !== undefined) next.set(key, endpoint);
    else if (rules.drainMs > 0) next.set(key, { ...endpoint, leavesAt });
  }
  return {
    ...leave({ frame: heldBack ? union(before.frame, newFrame) : newFrame, endpoints: next }, nowMs),
    ...(heldBack && { heldBack }),
  };
}

/** What is left of a state when some may have left by now. */
export function leave(state: SourceState, nowMs: number): SourceDecision {
  let nextDueMs = Infinity;
  const endpoints = new Map<string, HeldEndpoint>();
  for (const [key, endpoint] of state.endpoints) {
    const dueMs = endpoint.leavesAt === undefined ? Infinity : timestampMs(endpoint.leavesAt);
    if (dueMs <= nowMs) continue;
    endpoints.set(key, endpoint);
    nextDueMs = Math.min(nextDueMs, dueMs);
  }
  const isSame = endpoints.size === state.endpoints.size;
  return {
    state: isSame ? state : { frame: state.frame, endpoints },
    ...(nextDueMs !== Infinity && { nextDueMs }),
  };
}

/** Whether a source that cannot be asked since `sinceMs` has all of its endpoints drained. */
export function isDrainedAway(
  { onUnavailable, unavailableAfterMs }: SourceRules,
  sinceMs: number,
  nowMs: number,
): boolean {
  return onUnavailable === 'drain' && nowMs >= sinceMs + unavailableAfterMs;
}

function union(a: ReadonlyMap<string, Resource>, b: ReadonlyMap<string, Resource>): Map<string, Resource> {
  return new Map([...a, ...b]);
}
