import { type ConfigSinkSpec, parseDuration, SINK_DEFAULTS } from '@signalbox/contracts';

/** Changes that the target does not have yet: when the first of them came, and the last one. Milliseconds. */
export interface OpenChanges {
  readonly firstAt: number;
  readonly lastAt: number;
}

/** The changes with one more of them. */
export function withChange(open: OpenChanges | undefined, now: number): OpenChanges {
  return { firstAt: open?.firstAt ?? now, lastAt: now };
}

/** How long a sink waits for more changes. */
export type Waits = Pick<ConfigSinkSpec, 'minWait' | 'maxWait'>;

/**
 * When open changes are due: once nothing has changed for `minWait`, at the latest `maxWait` after the first of them. So two
 * writes are never closer than `minWait`, whatever comes. Milliseconds.
 */
export function dueAt({ firstAt, lastAt }: OpenChanges, { minWait, maxWait }: Waits): number {
  return Math.min(
    lastAt + parseDuration(minWait ?? SINK_DEFAULTS.minWait),
    firstAt + parseDuration(maxWait ?? SINK_DEFAULTS.maxWait),
  );
}
