const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

/** What to say about a certificate that ends within `warnBeforeMs`; undefined = nothing. */
export function certificateWarning(endMs: number, nowMs: number, warnBeforeMs: number): string | undefined {
  if (endMs - nowMs > warnBeforeMs) return undefined;
  const day = new Date(endMs).toISOString().slice(0, 10);
  // A certificate that has ended gets here only when any certificate is accepted.
  return endMs < nowMs
    ? `the certificate ended ${span(nowMs - endMs)} ago (${day})`
    : `the certificate ends in ${span(endMs - nowMs)} (${day})`;
}

/** In the greatest unit of which there are two, rounded down: "47 hours", "5 days". */
function span(ms: number): string {
  const [unit, unitMs] = UNITS.find(([, length]) => ms >= 2 * length) ?? ['minute', 60_000];
  const count = Math.floor(ms / unitMs);
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
