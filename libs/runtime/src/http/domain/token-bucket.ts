/** How fast someone may go: `perSecond` for ever, and `burst` at once after a rest. Both at least 1. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** What is left of a {@link Rate}, and when that was so. Milliseconds. */
export interface Bucket {
  readonly left: number;
  readonly atMs: number;
}

/** What taking one gave: the bucket afterwards, and how long to wait when nothing was left. Milliseconds. */
export interface Taken {
  readonly bucket: Bucket;
  readonly waitMs?: number;
}

/** One request of who has `before` left, undefined for a newcomer. A clock that goes back gives nothing and takes nothing. */
export function take({ perSecond, burst }: Rate, before: Bucket | undefined, nowMs: number): Taken {
  const rested = before ? Math.max(0, nowMs - before.atMs) : 0;
  const atMs = before ? Math.max(nowMs, before.atMs) : nowMs;
  const left = before ? Math.min(burst, before.left + (rested * perSecond) / 1000) : burst;
  if (left >= 1) return { bucket: { left: left - 1, atMs } };
  return { bucket: { left, atMs }, waitMs: Math.ceil(((1 - left) * 1000) / perSecond) };
}
