import type { ChangeOrigin } from './access/principal.js';
import { CHANGE_ORIGIN } from './access/origin-schema.js';
import type { SinkRecord } from './records/sink-record.js';
import { requestReader } from './request-reader.js';
import { NON_BLANK, shape, TEXT } from './schema/shape.js';

/** Requests and answers of `sinks` on core NATS (architecture section 6, rule 10). ADR 0030. */

/** `ask.sinks.render`: what a sink would write now. Errors: `not-found`, `not-ready`, `too-large`. */
export interface SinkQuestion {
  readonly sink: string;
}

/** Answer to `ask.sinks.render`. */
export interface SinkRendering {
  readonly sink: string;
  /** Generation of the effective config that it is made of. */
  readonly generation: number;
  /** Resources in it. */
  readonly resources: number;
  readonly digest: string;
  readonly bytes: number;
  /** What would be written; of NATS KV the resources as a document, because it has a key for each. */
  readonly text: string;
  /** Whether the target has exactly this. */
  readonly isApplied: boolean;
  /** Why it would not be written: what a guard says, or that the sink is paused. */
  readonly held?: string;
}

/**
 * `cmd.sinks.pause`, `cmd.sinks.resume`. `resume` also takes up what failed or drifted, and lets through what is held.
 * Errors: `not-found`, `not-ready`.
 */
export interface SinkCommandRequest {
  readonly sink: string;
  readonly author: string;
  readonly reason: string;
  readonly from?: ChangeOrigin;
}

/** What a command led to. */
export interface SinkCommandAnswer {
  /** How the sink stands now. */
  readonly record: SinkRecord;
  /** Sequence of that record in ACTIVITY. */
  readonly seq: number;
  /** Sequence of the intent in JOURNAL. */
  readonly intentSeq: number;
}

/** Reads `ask.sinks.render`. Throws `bad-text`, `bad-json`, `validation-failed`. */
export const readSinkQuestion = requestReader<SinkQuestion>(
  'the question',
  shape<SinkQuestion>({ sink: NON_BLANK }),
);

/** Reads `cmd.sinks.*`. Throws `bad-text`, `bad-json`, `validation-failed`. */
export const readSinkCommand = requestReader<SinkCommandRequest>(
  'the command',
  shape<SinkCommandRequest>({ sink: NON_BLANK, author: NON_BLANK, reason: TEXT }, { from: CHANGE_ORIGIN }),
);
