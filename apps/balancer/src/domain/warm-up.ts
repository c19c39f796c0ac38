import type { FrontendTarget, NodeSettings } from '@signalbox/contracts';

/** What the release of a listener looks at. Times in epoch ms. */
export interface WarmUp {
  readonly node: Pick<NodeSettings, 'startupMinDelayMs' | 'startupMaxDelayMs'>;
  /** When the balancer started. */
  readonly startedMs: number;
  readonly nowMs: number;
}

/**
 * Until when a listener that its node was never told of stays unwritten; undefined: it may be written now. Hands off until the
 * first delay is over, then as soon as every backend is known, and when the second is over in any case. A clock
 * that was set back ends it. Reference maglev 6.8.
 */
export function heldUntil(
  targets: readonly FrontendTarget[],
  { node, startedMs, nowMs }: WarmUp,
): number | undefined {
  const sinceMs = nowMs - startedMs;
  if (sinceMs < 0 || sinceMs >= node.startupMaxDelayMs) return undefined;
  if (sinceMs < node.startupMinDelayMs) return startedMs + node.startupMinDelayMs;
  return targets.every(isKnown) ? undefined : startedMs + node.startupMaxDelayMs;
}

/** Records say more than checks since the start: a restart knows what was known (R8). */
function isKnown({ why }: FrontendTarget): boolean {
  return why.rule !== 'unknown';
}
