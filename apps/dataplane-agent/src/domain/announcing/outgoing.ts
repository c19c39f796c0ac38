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
 * listeners at it that `before` had and the state has not, unless another one takes their place. A VIP that comes back does not leave.
 */
export function nextOutgoing(
  { wished: was, leaving: left }: Outgoing,
  before: Desired | undefined,
  desired: Desired,
  ready: (vip: NodeVip) => boolean,
  nowMs: number,
): Outgoing {
  const vips = desired.announcements?.vips ?? [];
  const known = new Map(vips.map((vip) => [vipKey(vip), vip]));
  const wished = vips.filter(ready);
  const staying = new Set(wished.map(vipKey));
  const served = new Set(wished.map(({ address }) => address));
  const leftBefore = new Map(left.map((one) => [vipKey(one.vip), one]));
  const gone = new Map([...left.map((one) => one.vip), ...was].map((vip) => [vipKey(vip), vip]));
  const leaving = [...gone].flatMap(([key, old]): LeavingVip[] => {
    if (staying.has(key)) return [];
    const earlier = leftBefore.get(key);
    const vip = known.get(key) ?? old;
    const candidates = [...(earlier?.listeners ?? []), ...listenersAt(vip.address, before)];
    const one: LeavingVip = {
      vip,
      listeners: served.has(vip.address) ? [] : heldBack(candidates, desired.state.listeners),
      // a clock that was set back since must not keep it for ever
      sinceMs: Math.min(earlier?.sinceMs ?? nowMs, nowMs),
      ...(earlier?.withdrawnMs !== undefined && { withdrawnMs: Math.min(earlier.withdrawnMs, nowMs) }),
    };
    return leavesAtMs(one) <= nowMs ? [] : [one];
  });
  return { wished, leaving };
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

function listenersAt(address: string, before: Desired | undefined): HeldListener[] {
  const at = before?.state.listeners.filter((one) => one.address === address) ?? [];
  return at.map((listener) => ({ listener, digest: before?.digests[listener.name] ?? '' }));
}

/** Each once, the first of a name; without those that the state has at the VIP, or whose place another one has. */
function heldBack(
  candidates: readonly HeldListener[],
  wanted: readonly NodeListener[],
): readonly HeldListener[] {
  if (candidates.length === 0) return [];
  const names = new Set(wanted.map(nameAt));
  const places = new Set(wanted.flatMap(placesOf));
  const held = new Map<string, HeldListener>();
  for (const one of candidates) {
    const { listener } = one;
    const isTaken = names.has(nameAt(listener)) || placesOf(listener).some((place) => places.has(place));
    if (!isTaken && !held.has(listener.name)) held.set(listener.name, one);
  }
  return [...held.values()];
}

function nameAt({ name, address }: NodeListener): string {
  return `${name} ${address}`;
}

/** Where no other listener of the same transport can be beside it. */
function placesOf({ address, port, protocol, listenAt }: NodeListener): string[] {
  const transport = protocol === 'udp' ? 'udp' : 'tcp';
  const own = `${address} ${port} ${transport}`;
  return listenAt?.port === undefined ? [own] : [own, `${listenAt.address} ${listenAt.port} ${transport}`];
}
