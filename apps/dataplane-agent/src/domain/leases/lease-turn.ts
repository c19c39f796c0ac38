import type { LeaderLease } from '@signalbox/contracts';
import { PLACE_MS, renewalMs, usableMs } from './lease-times.js';
import type { LeaseState, SentWrite } from './lease-state.js';

/** Until when the kernel may have the address; undefined: it must not, from now on. By the own clock, in milliseconds. */
export function permitOf(state: LeaseState, nowMs: number): number | undefined {
  const { heldUntilMs, isWanted } = state;
  if (!isWanted || heldUntilMs === undefined || heldUntilMs <= nowMs) return undefined;
  return isHandingOver(state) ? undefined : heldUntilMs;
}

/** What is to be sent to the bucket now, if anything. One message at a time. */
export function nextWrite(state: LeaseState, nowMs: number): SentWrite | undefined {
  const { reading, seen, outdated, inFlight } = state;
  const expected = seen?.revision ?? 0;
  if (!reading || inFlight || outdated === expected) return undefined;
  const kind = dueKind(state, nowMs);
  if (!kind) return undefined;
  return { kind, lease: leaseFor(state, kind), expected, sentAtMs: nowMs, reading: reading.number };
}

/** When there will be something to do if nothing comes; undefined: never. By the own clock, in milliseconds. */
export function dueAtMs(state: LeaseState, nowMs: number): number | undefined {
  const { reading, heldUntilMs, inFlight, outdated, seen } = state;
  const times = heldUntilMs !== undefined && heldUntilMs > nowMs ? [heldUntilMs] : [];
  if (reading && !inFlight && outdated !== (seen?.revision ?? 0))
    times.push(...Object.values(dueTimes(state, nowMs)));
  const first = Math.min(...times);
  return Number.isFinite(first) ? first : undefined;
}

/** The node that leads the VIP as far as this one knows, itself among them. */
export function leaderOf(state: LeaseState, nowMs: number): string | undefined {
  if (permitOf(state, nowMs) !== undefined) return state.terms.node;
  const { seen } = state;
  if (!seen?.lease || seen.lease.released) return undefined;
  return nowMs < seen.atMs + seen.lease.leaseMs ? seen.lease.node : undefined;
}

function dueKind(state: LeaseState, nowMs: number): SentWrite['kind'] | undefined {
  const due = Object.entries(dueTimes(state, nowMs)).find(([, atMs]) => atMs <= nowMs);
  return due?.[0] as SentWrite['kind'] | undefined;
}

/** What is to be sent, and when, as things are. */
function dueTimes(state: LeaseState, nowMs: number): { readonly [kind in SentWrite['kind']]?: number } {
  const { isWanted, heldUntilMs, mayHaveAddress, terms, seen } = state;
  if (!isWanted || isHandingOver(state)) {
    const isOwnKey = seen?.lease !== undefined && seen.lease.node === terms.node && !seen.lease.released;
    return isOwnKey && !mayHaveAddress ? { release: againMs(state, 'release') } : {};
  }
  if (heldUntilMs !== undefined && heldUntilMs > nowMs) return { renew: renewalDueMs(state, heldUntilMs) };
  const askMs = askingMs(state);
  return { take: turnMs(state), ...(askMs !== undefined && { ask: askMs }) };
}

/** When a message may be sent again of whose last one nobody knows what became. */
function againMs({ unsure, terms }: LeaseState, kind: SentWrite['kind']): number {
  const last = unsure.findLast((one) => one.kind === kind);
  return last ? last.sentAtMs + renewalMs(terms.leaseMs) / 2 : -Infinity;
}

/** A node with a better rank asked for what this one holds. */
function isHandingOver({ seen, heldUntilMs, terms }: LeaseState): boolean {
  const lease = seen?.lease;
  return (
    heldUntilMs !== undefined && lease?.node === terms.node && !lease.released && lease.wantedBy !== undefined
  );
}

/** What was found, of others or of a process before this one, is made our own at once; what is ours is renewed in time. */
function renewalDueMs(state: LeaseState, heldUntilMs: number): number {
  const { terms, seen, isOwn } = state;
  const { lease } = seen ?? {};
  const isAsHeld = isOwn && lease?.run === terms.run && !lease.released && lease.leaseMs === terms.leaseMs;
  const dueMs = isAsHeld ? heldUntilMs - usableMs(terms.leaseMs) + renewalMs(terms.leaseMs) : -Infinity;
  return Math.max(dueMs, againMs(state, 'renew'));
}

/** From when on this node takes the VIP. */
function turnMs(state: LeaseState): number {
  return Math.max(freeMs(state) + placesOf(state) * PLACE_MS, againMs(state, 'take'));
}

/**
 * From when on nobody can have it any more. Only who was heard to give it back has it no more at once; whatever else the bucket says, a leader
 * of whom it does not know any more may have written a moment before it was read.
 */
function freeMs({ reading, seen, terms }: LeaseState): number {
  if (!reading) return Infinity;
  if (!seen) return reading.sinceMs + terms.leaseMs;
  if (seen.lease?.released && seen.wasHeard) return seen.atMs;
  return seen.atMs + Math.max(terms.leaseMs, seen.lease?.leaseMs ?? 0);
}

/** How many nodes go before this one: those with a better rank, but for who had the VIP last. */
function placesOf({ terms, seen }: LeaseState): number {
  const { lease } = seen ?? {};
  if (lease?.released && lease.wantedBy !== undefined)
    return lease.wantedBy === terms.node ? 0 : terms.rank + 2;
  const hadBetter = lease !== undefined && lease.node !== terms.node && lease.rank < terms.rank;
  return terms.rank - (hadBetter ? 1 : 0);
}

/** When the leader is asked to hand over. A node that just came waits as long as a lease: one that comes and goes does not move VIPs each time. */
function askingMs(state: LeaseState): number | undefined {
  const { terms, seen, reading } = state;
  const { lease } = seen ?? {};
  if (!terms.preempt || !lease || lease.released || lease.wantedBy !== undefined) return undefined;
  if (lease.node === terms.node || lease.rank <= terms.rank || !reading) return undefined;
  return Math.max(reading.sinceMs + terms.leaseMs, againMs(state, 'ask'));
}

function leaseFor(state: LeaseState, kind: SentWrite['kind']): LeaderLease {
  const { terms, count, seen } = state;
  const { node, run, rank, leaseMs } = terms;
  if (kind === 'ask' && seen?.lease) return { ...seen.lease, wantedBy: node };
  const own: LeaderLease = { node, run, count, rank, leaseMs };
  if (kind !== 'release') return own;
  const wantedBy = seen?.lease?.wantedBy;
  return { ...own, released: true, ...(wantedBy !== undefined && { wantedBy }) };
}
