const SECOND = 1000;
const UNITS = [
  ['d', 86_400 * SECOND],
  ['h', 3600 * SECOND],
  ['m', 60 * SECOND],
  ['s', SECOND],
] as const;

/** A time span for people: `3.2ms`, `1.5s`, `2m30s`, `4d2h`; at most two units, cut rather than rounded up. */
export function durationText(ms: number): string {
  if (ms < SECOND) return `${tenths(ms)}ms`;
  if (ms < 60 * SECOND) return `${tenths(ms / SECOND)}s`;
  const first = UNITS.findIndex(([, length]) => ms >= length);
  return UNITS.slice(first, first + 2)
    .map(([unit, length], index) => {
      const count = Math.floor((index === 0 ? ms : ms % UNITS[first]![1]) / length);
      return index > 0 && count === 0 ? '' : `${count}${unit}`;
    })
    .join('');
}

/** `<time> (<age> ago)`; a clock that is behind the site's makes no negative age. */
export function timeText(time: string, nowMs: number): string {
  const ageMs = nowMs - Date.parse(time);
  if (Number.isNaN(ageMs)) return time;
  const seconds = Math.floor(Math.max(0, ageMs) / SECOND);
  return `${time} (${seconds === 0 ? '0s' : durationText(seconds * SECOND)} ago)`;
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** Whether a text is a time as the REST API writes it (RFC 3339). */
export function isTime(text: string): boolean {
  return TIME.test(text);
}

/** How long ago a time is, in its largest unit: `3m ago`, `in 4h`, `now`. */
export function agoText(time: string, nowMs: number): string {
  const ageMs = nowMs - Date.parse(time);
  const [unit, length] = UNITS.find(([, ms]) => Math.abs(ageMs) >= ms) ?? UNITS[3];
  const count = Math.floor(Math.abs(ageMs) / length);
  if (count === 0) return 'now';
  return ageMs > 0 ? `${count}${unit} ago` : `in ${count}${unit}`;
}

function tenths(value: number): number {
  return Math.floor(value * 10) / 10;
}
