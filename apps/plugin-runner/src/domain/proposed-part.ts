import { formatTime, timestampMs, type PluginResult, type ProposedPart } from '@signalbox/contracts';

/** First and last millisecond that RFC 3339 can write (years 0000-9999). */
const FIRST_MS = Date.parse('0000-01-01T00:00:00.000Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** Whether a clock reading (milliseconds since 1970) can be kept as an RFC 3339 time. */
export function isStorableTime(ms: number): boolean {
  return ms >= FIRST_MS && ms <= LAST_MS;
}

/** When a part ends, in milliseconds since 1970: observedAt + ttl, whatever the facts' expiry (spec "Parts"). */
export function partEndMs(observedAt: string, ttlMs: number): number {
  return timestampMs(observedAt) + ttlMs;
}

/** What the result proposes; it becomes a part only when `renderer` accepts it. `longestMs`: longest that it may live. */
export function toProposedPart(result: PluginResult, longestMs = Infinity): ProposedPart {
  return {
    observedAt: result.observedAt,
    expiresAt: formatTime(partEndMs(result.observedAt, Math.min(result.ttlMs, longestMs))),
    resources: result.resources,
    directives: result.directives,
    actionPlans: result.actionPlans,
  };
}
