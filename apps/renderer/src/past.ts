import { type BusLog, readRecord, type StreamMessage } from '@signalbox/bus';
import {
  type Cause,
  type ConfigRecord,
  decodeConfigBatch,
  decodeRunBatch,
  placeOf,
  STREAMS,
  SUBJECTS,
  isConfigSubject,
} from '@signalbox/contracts';
import type { ConfigModel } from './domain/config-model.js';
import type { DecidedRun } from './domain/deciding.js';

/**
 * What is read between the stored position and now: our own records are folded into the model, proposals without a
 * decision wait until it is clear that they have none.
 */
export class Past {
  private readonly undecided = new Map<string, readonly [cause: Cause, record: DecidedRun]>();

  /** `foldedSeq`: up to there the tables that the model was loaded from hold our own records. */
  constructor(
    private readonly model: ConfigModel,
    private readonly foldedSeq: number,
    private readonly log: BusLog,
  ) {}

  /** One message of the past. */
  fold(message: StreamMessage): void {
    const { subject, stream, seq } = message;
    if (isConfigSubject(subject)) {
      const records = readRecord(this.log, message, decodeConfigBatch)?.records ?? [];
      for (const record of records) this.foldOwn(record, seq);
    } else if (DECIDED_SUBJECTS.includes(subject)) {
      const records = readRecord(this.log, message, decodeRunBatch)?.records ?? [];
      for (const [index, record] of records.entries()) {
        if (record.type === 'planned' || record.type === 'started') continue;
        const cause = { stream, seq, index };
        this.undecided.set(placeKey(cause), [cause, record]);
      }
    }
  }

  /** What still has to be decided, in stream order. */
  get waiting(): readonly (readonly [cause: Cause, record: DecidedRun])[] {
    return [...this.undecided.values()];
  }

  private foldOwn(record: ConfigRecord, seq: number): void {
    if (record.type === 'generation') {
      if (seq > this.foldedSeq) this.model.applyEffective(record);
      return;
    }
    const { cause } = record;
    // a withdrawal may end many parts, so it is decided again: it ends what is left of them
    if (cause.stream === STREAMS.activity && record.type !== 'withdrawn') {
      this.undecided.delete(placeKey(cause));
    }
    if (seq > this.foldedSeq) this.model.applyPart(record);
    else if (record.type === 'accepted') this.model.applyProposal(record.part, cause);
  }
}

/** Subjects of what is decided: all activity of runs but their plans. */
const DECIDED_SUBJECTS: readonly string[] = [SUBJECTS.executions, SUBJECTS.withdrawals, SUBJECTS.discoveries];

function placeKey(cause: Cause): string {
  const { seq, index } = placeOf(cause);
  return `${seq} ${index}`;
}
