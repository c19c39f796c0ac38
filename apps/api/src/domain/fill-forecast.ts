/** How much a thing held at a time. */
export interface Sample {
  readonly atMs: number;
  readonly used: number;
}

/** What is to come when it goes on as it did. */
export interface Forecast {
  /** In the unit of the samples, negative when it shrinks; absent while too little is known. */
  readonly growthPerHour?: number;
  /** `unknown`: without a bound, or too little is known. */
  readonly outlook: 'unknown' | 'never' | 'filling' | 'full';
  /** Until the bound is reached, when it is `filling`, 0 when it is `full`. */
  readonly fullInSeconds?: number;
}

/** Fewer samples say nothing. */
const FEWEST = 5;
/** Losing more than this share between two samples is no part of the growth: it was emptied, or made anew. */
const EMPTIED = 0.1;
/** What takes longer is never, at this rate: ten years. Hours. */
const NEVER_HOURS = 10 * 365 * 24;
const HOUR_MS = 3_600_000;

/**
 * Fits a line to the samples since the last time that much of it went, by least squares, and follows it to the bound.
 * `samples`: oldest first. A thing that is pruned in small steps is seen as it is over time; one that is emptied in large
 * steps as it grows in between, so that the forecast comes too early rather than too late.
 */
export function forecast(samples: readonly Sample[], bound: number | undefined): Forecast {
  const used = samples.at(-1)?.used ?? 0;
  const growthPerHour = growthOf(sinceEmptied(samples));
  const grows = growthPerHour !== undefined && { growthPerHour };
  if (bound !== undefined && samples.length > 0 && used >= bound)
    return { ...grows, outlook: 'full', fullInSeconds: 0 };
  if (bound === undefined || growthPerHour === undefined) return { ...grows, outlook: 'unknown' };
  const hours = growthPerHour > 0 ? (bound - used) / growthPerHour : Infinity;
  if (hours > NEVER_HOURS) return { ...grows, outlook: 'never' };
  return { ...grows, outlook: 'filling', fullInSeconds: Math.round(hours * 3600) };
}

function sinceEmptied(samples: readonly Sample[]): readonly Sample[] {
  const isEmptied = ({ used }: Sample, index: number): boolean =>
    index > 0 && used < samples[index - 1]!.used * (1 - EMPTIED);
  return samples.slice(Math.max(0, samples.findLastIndex(isEmptied)));
}

/** Slope of the line with the least squares; undefined for too few samples, or at one time. */
function growthOf(samples: readonly Sample[]): number | undefined {
  if (samples.length < FEWEST) return undefined;
  const hours = samples.map(({ atMs }) => (atMs - samples[0]!.atMs) / HOUR_MS);
  const meanHours = meanOf(hours);
  const meanUsed = meanOf(samples.map(({ used }) => used));
  let [together, spread] = [0, 0];
  for (const [index, { used }] of samples.entries()) {
    const away = hours[index]! - meanHours;
    together += away * (used - meanUsed);
    spread += away * away;
  }
  return spread > 0 ? together / spread : undefined;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
