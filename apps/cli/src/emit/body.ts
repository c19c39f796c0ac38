import { formatTime, isTimestamp, parseDuration, timestampMs } from '@signalbox/contracts';
import { usageFailure } from '../failure.js';
import type { Terminal } from '../terminal.js';

/** What `event emit` was told about the fact. */
export interface EmitFlags {
  readonly group: string;
  readonly type: string;
  readonly subject?: string;
  readonly payload?: Readonly<Record<string, string>>;
  readonly ttl?: string;
  readonly id?: string;
  readonly dedupeKey?: string;
  readonly sourceNode?: string;
  readonly observedAt?: string;
  readonly expiresAt?: string;
}

/** The body of a fact with its id and times fixed. */
export interface EmitBody {
  readonly id: string;
  readonly group: string;
  readonly sourceNode?: string;
  readonly type: string;
  readonly subject?: string;
  readonly dedupeKey?: string;
  readonly payload?: Readonly<Record<string, string>>;
  readonly observedAt: string;
  readonly expiresAt?: string;
}

/**
 * The one body that is sent however often: id (`evt-` + 16 hex) and times are fixed here, so that a repeat is a
 * duplicate and never a second fact. `--ttl` counts from observedAt. Reference 3.5.
 */
export function emitBody(flags: EmitFlags, terminal: Pick<Terminal, 'nowMs' | 'randomHex'>): EmitBody {
  const { ttl, expiresAt: given, observedAt = formatTime(terminal.nowMs()) } = flags;
  if (ttl !== undefined && given !== undefined)
    throw usageFailure('give --ttl or --expires-at, not both', 'signalbox event emit --help');
  requireTime('--observed-at', observedAt);
  if (given !== undefined) requireTime('--expires-at', given);
  const expiresAt = ttl === undefined ? given : formatTime(timestampMs(observedAt) + ttlMs(ttl));
  const { group, type, subject, payload, dedupeKey, sourceNode } = flags;
  return {
    id: flags.id ?? `evt-${terminal.randomHex(8)}`,
    group,
    ...(sourceNode !== undefined && { sourceNode }),
    type,
    ...(subject !== undefined && { subject }),
    ...(dedupeKey !== undefined && { dedupeKey }),
    ...(payload !== undefined && { payload }),
    observedAt,
    ...(expiresAt !== undefined && { expiresAt }),
  };
}

function ttlMs(ttl: string): number {
  try {
    return parseDuration(ttl);
  } catch (error) {
    throw usageFailure(`--ttl: ${(error as Error).message}`, 'signalbox event emit --help');
  }
}

function requireTime(flag: string, text: string): void {
  if (!isTimestamp(text))
    throw usageFailure(
      `${flag}: "${text}" is not an RFC 3339 time such as 2026-05-30T12:00:00Z`,
      'signalbox event emit --help',
    );
}
