import type { ChangeOrigin } from '../access/principal.js';
import type { ErrorBody } from '../errors.js';

/**
 * States of a sink. `applied`: the target has what it shall have; `waiting`: nothing was applied yet, and nothing is wrong; `held`:
 * a guard (`onEmpty`, `maxRemovedPercent`) keeps the target as it is;
 * `drifted`: somebody else changed the target; `degraded`: the newest content could not be applied, the one before stands;
 * `paused`: an operator wants nothing to be written; `removed`: the ConfigSink is gone, its target stays.
 */
export const SINK_STATES = [
  'applied',
  'waiting',
  'held',
  'drifted',
  'degraded',
  'paused',
  'removed',
] as const;
export type SinkState = (typeof SINK_STATES)[number];

/** What failed. */
export const SINK_STEPS = [
  'template',
  'write',
  'check',
  'rename',
  'reload',
  'verify',
  'restore',
  'send',
] as const;
export type SinkStep = (typeof SINK_STEPS)[number];

/** What a target has. */
export interface SinkContent {
  /** Generation of the effective config that it was made of. */
  readonly generation: number;
  /** sha256 hex of the bytes of a file or a webhook's body; of KV of its keys and values. */
  readonly digest: string;
  readonly bytes: number;
  /** Resources in it. */
  readonly resources: number;
  readonly at: string;
  /** Where it is, see `sinkPlaceOf`. */
  readonly place: string;
}

/** Why the newest content is not there. */
export interface SinkFailure {
  readonly step: SinkStep;
  readonly error: ErrorBody;
  /** The end of what a command wrote, at most 8 KiB. */
  readonly output?: string;
  /** How often in a row. */
  readonly attempts: number;
  /** When it is tried again, while nothing changes; absent: only with another content, or by `resume`. */
  readonly retryAt?: string;
}

/**
 * How a sink stands: one message of `activity.sink.<name>`, appended by `sinks` only, whole and not as a difference.
 * `version` counts the records of a name. ADR 0030.
 */
export interface SinkRecord {
  readonly sink: string;
  readonly version: number;
  readonly at: string;
  readonly state: SinkState;
  /** Revision of the ConfigSink. */
  readonly revision: number;
  /** Generation of the effective config that the state is about. */
  readonly generation: number;
  /** What the target has; absent: nothing of ours. */
  readonly content?: SinkContent;
  readonly failure?: SinkFailure;
  /** For people: why it is held or waits, what has drifted. */
  readonly reason?: string;
}

/** What an operator wants of a sink: the last message of `journal.sink.<name>` counts. */
export interface SinkIntent {
  readonly sink: string;
  readonly at: string;
  readonly paused: boolean;
  readonly author: string;
  readonly reason: string;
  /** Absent: of a record of 0.1.0, or nobody asked by REST. */
  readonly from?: ChangeOrigin;
}
