import type { LeaderLease } from '@signalbox/contracts';
import { usableMs } from './lease-times.js';

/** Who may lead a VIP, and how. */
export interface LeaseTerms {
  readonly node: string;
  /** Of this process. */
  readonly run: string;
  readonly rank: number;
  readonly preempt: boolean;
  readonly leaseMs: number;
}

/** What was read of the key of a VIP in this reading. */
export interface SeenKey {
  /** 0: there is no such key. */
  readonly revision: number;
  /** Absent: no key, or somebody deleted it. */
  readonly lease?: LeaderLease;
  readonly atMs: number;
  /** It was heard to change into this, and not found so. */
  readonly wasHeard: boolean;
}

/** A message that was sent to the bucket. */
export interface SentWrite {
  readonly kind: 'take' | 'renew' | 'release' | 'ask';
  readonly lease: LeaderLease;
  /** Revision that the key had to have. */
  readonly expected: number;
  readonly sentAtMs: number;
  /** Number of the reading in which it was decided. */
  readonly reading: number;
}

/**
 * How the lease of one VIP stands for one node. A reading of the bucket begins when it is read as a whole: at the start, and after whatever
 * may have come between. All times are of the own clock.
 */
export interface LeaseState {
  readonly terms: LeaseTerms;
  /** The node is ready for the VIP and may lead it. */
  readonly isWanted: boolean;
  readonly reading: { readonly number: number; readonly sinceMs: number } | undefined;
  readonly seen: SeenKey | undefined;
  /** When the node stops to be the leader, unless it renews. Absent: it is not. */
  readonly heldUntilMs: number | undefined;
  /** This process wrote the key: whoever else writes it, also of this node, took the VIP from it. */
  readonly isOwn: boolean;
  /** The kernel may have the address: as long as nobody looked, too. */
  readonly mayHaveAddress: boolean;
  readonly inFlight: SentWrite | undefined;
  /** Of these nobody said that they are stored, or a take that was not read yet; newest last. */
  readonly unsure: readonly SentWrite[];
  /** A revision that is known to be not the last any more. */
  readonly outdated: number | undefined;
  readonly count: number;
}

/** Most messages whose fate is remembered. */
const MOST_UNSURE = 4;

export function initialLease(terms: LeaseTerms): LeaseState {
  return {
    terms,
    isWanted: false,
    reading: undefined,
    seen: undefined,
    heldUntilMs: undefined,
    isOwn: false,
    mayHaveAddress: true,
    inFlight: undefined,
    unsure: [],
    outdated: undefined,
    count: 0,
  };
}

/** The bucket is read as a whole from now on: nobody knows what happened to it meanwhile. */
export function beginReading(state: LeaseState, number: number, nowMs: number): LeaseState {
  return { ...state, reading: { number, sinceMs: nowMs }, seen: undefined, outdated: undefined };
}

/** A message of the key was read: that of a lease, or, without one, that it was deleted. */
export function readKey(
  state: LeaseState,
  revision: number,
  lease: LeaderLease | undefined,
  nowMs: number,
): LeaseState {
  const before = state.seen;
  if (before && revision < before.revision) return state;
  // what an ack told before is no other change
  const isKnown = revision === before?.revision;
  const seen: SeenKey = isKnown
    ? before
    : { revision, atMs: nowMs, wasHeard: before !== undefined, ...(lease && { lease }) };
  const read = { ...state, seen };
  if (!lease) return read;
  if (isOfOther(read, lease)) return { ...read, heldUntilMs: undefined, isOwn: false };
  return lease.released || lease.run !== state.terms.run ? read : tookEffect(read, lease.count);
}

/** A message was sent. What is given back is not held any more, whatever becomes of the message. */
export function sendWrite(state: LeaseState, write: SentWrite): LeaseState {
  return {
    ...state,
    count: state.count + 1,
    inFlight: write,
    ...(write.kind === 'release' && { heldUntilMs: undefined, unsure: [] }),
  };
}

/** The bucket has the message, as this revision. A take counts only once it is read, in the reading that allowed it. */
export function acknowledge(state: LeaseState, write: SentWrite, revision: number): LeaseState {
  const settled = settle(state, write);
  const isOfNow = state.reading?.number === write.reading;
  if (write.kind === 'take') {
    const isRead = (state.seen?.revision ?? 0) >= revision || !isOfNow;
    return {
      ...(isRead ? settled : unsureOf(settled, write)),
      outdated: isOfNow ? write.expected : state.outdated,
    };
  }
  if (write.kind === 'ask') return { ...settled, outdated: isOfNow ? write.expected : state.outdated };
  const isNews = isOfNow && revision > (state.seen?.revision ?? 0);
  const known: LeaseState = isNews
    ? { ...settled, seen: { revision, lease: write.lease, atMs: write.sentAtMs, wasHeard: true } }
    : settled;
  const isTaken = known.seen?.lease !== undefined && isOfOther(known, known.seen.lease);
  return write.kind === 'renew' && !isTaken ? prolong(known, write) : known;
}

/** The bucket refused the message, since the key has another revision; or nobody knows what became of it. */
export function miss(state: LeaseState, write: SentWrite, why: 'outdated' | 'unknown'): LeaseState {
  const settled = settle(state, write);
  if (why === 'unknown') return unsureOf(settled, write);
  return state.reading?.number === write.reading ? { ...settled, outdated: write.expected } : settled;
}

/** The node is ready for the VIP, or not any more. */
export function want(state: LeaseState, isWanted: boolean, terms: LeaseTerms = state.terms): LeaseState {
  return { ...state, isWanted, terms };
}

/** The kernel is told to have the address from now on. */
export function setAddress(state: LeaseState): LeaseState {
  return { ...state, mayHaveAddress: true };
}

/** The kernel has the address no more: it said so. */
export function loseAddress(state: LeaseState): LeaseState {
  return { ...state, mayHaveAddress: false };
}

/**
 * The kernel has the address from a process before this one, until then: as long as it lives nobody else may have taken over, so the node leads
 * the VIP still.
 */
export function adopt(state: LeaseState, untilMs: number): LeaseState {
  return { ...state, mayHaveAddress: true, heldUntilMs: Math.max(untilMs, state.heldUntilMs ?? 0) };
}

function tookEffect(state: LeaseState, count: number): LeaseState {
  const write = [...state.unsure, ...(state.inFlight ? [state.inFlight] : [])].find(
    (one) => one.lease.count === count && one.lease.node === state.terms.node,
  );
  if (!write || write.kind === 'release' || write.kind === 'ask') return state;
  if (write.kind === 'take' && write.reading !== state.reading?.number) return settle(state, write);
  return prolong(settle(state, write), write);
}

/** Whether somebody else leads. What was released of old by others says nothing of whoever leads now. */
function isOfOther({ terms, isOwn }: LeaseState, { node, run, released }: LeaderLease): boolean {
  if (node !== terms.node) return !released;
  return run !== terms.run && isOwn;
}

function prolong(state: LeaseState, { lease, sentAtMs }: SentWrite): LeaseState {
  return {
    ...state,
    isOwn: true,
    heldUntilMs: Math.max(state.heldUntilMs ?? 0, sentAtMs + usableMs(lease.leaseMs)),
  };
}

function settle(state: LeaseState, write: SentWrite): LeaseState {
  return {
    ...state,
    inFlight: state.inFlight === write ? undefined : state.inFlight,
    unsure: state.unsure.filter((one) => one !== write),
  };
}

function unsureOf(state: LeaseState, write: SentWrite): LeaseState {
  return { ...state, unsure: [...state.unsure, write].slice(-MOST_UNSURE) };
}
