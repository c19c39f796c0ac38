import {
  type BackendRecord,
  type BackendState,
  type Endpoint,
  endpointOf,
  isSameEndpoint,
  timestampMs,
} from '@signalbox/contracts';
import type { MemberView } from './pool-view.js';

/** A backend as its records left it. */
export interface KnownBackend {
  readonly version: number;
  readonly state: BackendState;
  /** When it entered its state, epoch ms. */
  readonly sinceMs: number;
  readonly endpoint: Endpoint;
  /** Out of which state it entered its state; `new`: out of none. Absent when no record tells. */
  readonly cameFrom?: BackendState | 'new';
}

/** What the records of a backend say about a member of a pool. */
export type MemberState = Pick<MemberView, 'state' | 'sinceMs' | 'isFirstUp'>;

/** Folds one record; one that is not newer changes nothing. Behind a removal the versions may begin anew. */
export function applyBackendRecord(known: KnownBackend | undefined, record: BackendRecord): KnownBackend {
  const { version, from = 'new', to, since } = record;
  if (known && known.state !== 'removed' && version <= known.version) return known;
  const cameFrom = from === to ? known?.cameFrom : from;
  return {
    version,
    state: to,
    sinceMs: timestampMs(since),
    endpoint: endpointOf(record),
    ...(cameFrom !== undefined && { cameFrom }),
  };
}

/**
 * How a backend is that the config knows at `endpoint`; `missing` when the config does not know it. What was
 * recorded of another one says nothing about this one, and a record of its removal is older than the config.
 */
export function memberState(known: KnownBackend | undefined, endpoint: Endpoint | undefined): MemberState {
  const sinceMs = known?.sinceMs ?? 0;
  if (endpoint === undefined) return { state: 'missing', sinceMs };
  if (!known || known.state === 'removed') return { state: 'unknown', sinceMs };
  const { state, cameFrom } = known;
  const isOfOther = !isSameEndpoint(known.endpoint, endpoint) && (state === 'up' || state === 'down');
  if (isOfOther) return { state: 'unknown', sinceMs };
  // `health` merges records that wait to be stored, so unknown may be left out: whatever it was, it was not down.
  const isFirstUp = state === 'up' && cameFrom !== undefined && cameFrom !== 'down';
  return { state, sinceMs, ...(isFirstUp && { isFirstUp }) };
}

/** How a backend is that enters a state now, out of how it was; one that is in it stays as it is. */
export function entered(before: MemberState, state: BackendState, nowMs: number): MemberState {
  if (before.state === 'missing' || before.state === state) return before;
  const isFirstUp = state === 'up' && before.state !== 'down';
  return { state, sinceMs: nowMs, ...(isFirstUp && { isFirstUp }) };
}
