/**
 * One message of `activity.refused`: what a process with REST routes refused in a minute. Any process appends it, so `id` tells one that is
 * sent again. ADR 0047.
 */
export interface RefusedRecord {
  /** Random. */
  readonly id: string;
  /** When the first of them was refused, and when they were told. */
  readonly since: string;
  readonly at: string;
  /** At most {@link REFUSED_LIMITS}.lines, those that came first in the minute. */
  readonly lines: readonly RefusedLine[];
  /** What has no line of its own, because there were too many different ones. */
  readonly beyond: number;
}

/** What one caller was refused for one reason. */
export interface RefusedLine {
  /** Of the `Principal`, when it was known. */
  readonly subject?: string;
  /** IP address of the client. */
  readonly address: string;
  /** A code of the table of errors, or a word more exact than it. */
  readonly reason: string;
  /** The first route that was tried, as it is declared. */
  readonly route: string;
  readonly count: number;
}

/** Lines of a record, and characters of each of their texts: a record has at most 64 KiB, whatever is tried. */
export const REFUSED_LIMITS = { lines: 64, text: 200 } as const;
