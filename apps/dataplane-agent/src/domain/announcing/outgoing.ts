import type { NodeListener, NodeVip } from '@signalbox/contracts';
import type { Desired, HeldListener } from '../desired.js';

/** After it a VIP is taken for withdrawn whose announcer does not answer: its daemon is dead, or nobody will ever ask it. Milliseconds. */
export const UNCONFIRMED_MS = 60_000;

/** A VIP that shall not be announced any more, and is served until those who have not heard of it yet have. Times since 1970. */
export interface LeavingVip {
  /** As it was announced last. */
  readonly vip: NodeVip;
  /** Listeners at it that are in no state any more, and go on. */
  readonly listeners: readonly HeldListener[];
  /** Since when it shall be withdrawn. Milliseconds. */
  readonly sinceMs: number;
  /** When its announcer said that it is. Milliseconds. */
  readonly withdrawnMs?: number;
}

/** What a node has on the network, and what is on its way from it. Kept over restarts. */
export interface Outgoing {
  /** VIPs that shall be announced, and may be. */
  readonly wished: readonly NodeVip[];
  readonly leaving: readonly LeavingVip[];
}

export const NOTHING_OUTGOING: Outgoing = { wished: [], leaving: [] };

/** One VIP of one announcer. */
export function vipKey({ method, address }: Pick<NodeVip, 'method' | 'address'>): string {
  return `${method} ${address}`;
}

/**
 * What is on the network from now on: VIPs of the state that are `ready`; and what was there and is not any more leaves. With it go on the
 * listeners at it that `before` had and the state has not, unless another one takes their place. A VIP that comes back does not leave, but
 * when its only listener is one that moves to it and still serves where it was.
 */
export function nextOutgoing(
  was: Outgoing,
  before: Desired | undefined,
  desired: Desired,
  ready: (vip: NodeVip) => boolean,
  nowMs: number,
): Outgoing {
  const served = before && withHeld(before, heldOf(was));
  const wished = desired.announcements?.vips.filter(ready) ?? [];
  for (let left = wished; ;) {
    const next = { wished: left, leaving: leavingOf(was, served, desired, left, nowMs) };
    const held = heldOf(next);
    if (held.length === 0) return next;
    const { listeners } = withHeld(desired, held).state;
    const places = new Set(listeners.map(nameAt));
    const standing = left.filter(({ address, listeners: names }) =>
      names.some((name) => places.has(nameAt({ name, address }))),
    );
    if (standing.length === left.length) return next;
    left = standing;
  }
}

/** What was on the network, or on its way from it, and is not wished any more. */
function leavingOf(
  { wished: was, leaving: left }: Outgoing,
  before: Desired | undefined,
  desired: Desired,
  wished: readonly NodeVip[],
  nowMs: number,
): readonly LeavingVip[] {
  const known = new Map(desired.announcements?.vips.map((vip) => [vipKey(vip), vip]));
  const staying = new Set(wished.map(vipKey));
  const announced = new Set(wished.map(({ address }) => address));
  const leftBefore = new Map(left.map((one) => [vipKey(one.vip), one]));
  const gone = new Map([...left.map((one) => one.vip), ...was].map((vip) => [vipKey(vip), vip]));
  for (const key of staying) gone.delete(key);
  if (gone.size === 0) return [];
  const listeners = byAddress(before);
  const leaving = [...gone].flatMap(([key, old]): LeavingVip[] => {
    const earlier = leftBefore.get(key);
    const vip = known.get(key) ?? old;
    const one: LeavingVip = {
      vip,
      listeners: announced.has(vip.address) ? [] : (listeners.get(vip.address) ?? []),
      // a clock that was set back since must not keep it for ever
      sinceMs: Math.min(earlier?.sinceMs ?? nowMs, nowMs),
      ...(earlier?.withdrawnMs !== undefined && { withdrawnMs: Math.min(earlier.withdrawnMs, nowMs) }),
    };
    return leavesAtMs(one) <= nowMs ? [] : [one];
  });
  const held = heldBack(
    leaving.flatMap(({ listeners }) => listeners),
    desired.state.listeners,
  );
  return leaving.map((one) => ({
    ...one,
    listeners: one.listeners.filter((candidate) => held.has(candidate)),
  }));
}

/** The same when an announcer said that of its VIPs it announces these alone. */
export function withdrawn(
  { wished, leaving }: Outgoing,
  isGone: (vip: NodeVip) => boolean,
  nowMs: number,
): Outgoing {
  const marked = leaving.map((one) =>
    one.withdrawnMs === undefined && isGone(one.vip) ? { ...one, withdrawnMs: nowMs } : one,
  );
  return { wished, leaving: marked };
}

/** When nothing of a VIP is left. Milliseconds since 1970. */
export function leavesAtMs({ vip, sinceMs, withdrawnMs }: LeavingVip): number {
  return (withdrawnMs ?? sinceMs + UNCONFIRMED_MS) + vip.drainMs;
}

/** Listeners of VIPs that leave. */
export function heldOf({ leaving }: Outgoing): readonly HeldListener[] {
  return leaving.flatMap(({ listeners }) => listeners);
}

/**
 * The state as the data plane gets it: with the listeners of VIPs that leave. One that moves to another VIP stays where it is until then;
 * everything else is as it was decided.
 */
export function withHeld(desired: Desired, held: readonly HeldListener[]): Desired {
  if (held.length === 0) return desired;
  const names = new Set(held.map(({ listener }) => listener.name));
  const listeners = [
    ...desired.state.listeners.filter(({ name }) => !names.has(name)),
    ...held.map(({ listener }) => listener),
  ].sort((a, b) => (a.name < b.name ? -1 : 1));
  const digests = { ...desired.digests };
  for (const { listener, digest } of held) digests[listener.name] = digest;
  return { ...desired, state: { ...desired.state, listeners }, digests };
}

function byAddress(before: Desired | undefined): ReadonlyMap<string, readonly HeldListener[]> {
  const all = new Map<string, HeldListener[]>();
  for (const listener of before?.state.listeners ?? []) {
    const one = { listener, digest: before?.digests[listener.name] ?? '' };
    const beside = all.get(listener.address);
    if (beside) beside.push(one);
    else all.set(listener.address, [one]);
  }
  return all;
}

/**
 * Those of the candidates that go on: each name once, without what the state has at the same VIP, or whose place another listener has. One
 * of the state that is held back itself, because it moves, takes no place yet; so this is asked again until nobody more goes on.
 */
function heldBack(
  candidates: readonly HeldListener[],
  wanted: readonly NodeListener[],
): ReadonlySet<HeldListener> {
  const same = new Set(wanted.map(nameAt));
  const held = new Map<string, HeldListener>();
  for (let before = -1; held.size > before;) {
    before = held.size;
    const places = new Set(wanted.filter(({ name }) => !held.has(name)).flatMap(placesOf));
    for (const one of candidates) {
      const { listener } = one;
      if (held.has(listener.name) || same.has(nameAt(listener))) continue;
      if (!placesOf(listener).some((place) => places.has(place))) held.set(listener.name, one);
    }
  }
  return new Set(held.values());
}

function nameAt({ name, address }: Pick<NodeListener, 'name' | 'address'>): string {
  return `${name} ${address}`;
}

/** Where no other listener of the same transport can be beside it. */
function placesOf({ address, port, protocol, listenAt }: NodeListener): string[] {
  const transport = protocol === 'udp' ? 'udp' : 'tcp';
  const own = `${address} ${port} ${transport}`;
  return listenAt?.port === undefined ? [own] : [own, `${listenAt.address} ${listenAt.port} ${transport}`];
}
