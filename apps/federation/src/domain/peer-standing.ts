import type { Verdict } from './judge-response.js';

/** How often a peer that refuses us is asked again. Milliseconds. spec/federation "Delivery". */
export const PROBE_EVERY_MS = 5 * 60_000;

/**
 * Whether a peer takes requests of ours. While it refuses them, one fact at a time is a probe; all others wait.
 * `failingSince`: no try has succeeded since then.
 */
export interface PeerStanding {
  readonly refusedSince?: number;
  readonly probeAt?: number;
  readonly probing: boolean;
  readonly failingSince?: number;
  /** When it last became worth trying everything again at once. */
  readonly recoveredAt: number;
}

/** An outage of at least this long ends with all waiting facts tried at once. Milliseconds. */
export const OUTAGE_MS = 5000;

export const INITIAL_STANDING: PeerStanding = { probing: false, recoveredAt: -Infinity };

/** Whether the peer refuses us now. */
export function isRefused(standing: PeerStanding): boolean {
  return standing.refusedSince !== undefined;
}

/** Milliseconds until a fact may be tried, 0 = now; Infinity = when the standing changes. */
export function standingWaitMs(standing: PeerStanding, nowMs: number): number {
  if (standing.probeAt === undefined) return 0;
  return standing.probing ? Infinity : Math.max(0, standing.probeAt - nowMs);
}

/** A try begins: while the peer refuses us it is the probe. */
export function tryBegun(standing: PeerStanding): PeerStanding {
  return isRefused(standing) ? { ...standing, probing: true } : standing;
}

/** A try ended. Whatever is not about us shows that the peer takes requests; `retry` shows nothing. */
export function tryEnded(standing: PeerStanding, verdict: Verdict['kind'], nowMs: number): PeerStanding {
  const failingSince = standing.failingSince ?? nowMs;
  const refused = { refusedSince: standing.refusedSince ?? nowMs, probeAt: nowMs + PROBE_EVERY_MS };
  if (verdict === 'refused') return { ...standing, ...refused, probing: false, failingSince };
  if (verdict === 'retry') {
    return { ...standing, ...(isRefused(standing) && refused), probing: false, failingSince };
  }
  const isRecovery = isRefused(standing) || nowMs - failingSince >= OUTAGE_MS;
  return { probing: false, recoveredAt: isRecovery ? nowMs : standing.recoveredAt };
}

/** The peer or the secret changed: try at once. */
export function peerChanged(standing: PeerStanding, nowMs: number): PeerStanding {
  return { ...standing, ...(isRefused(standing) && { probeAt: nowMs }), recoveredAt: nowMs };
}
