import { type BusLog, readRecord, type StreamMessage } from '@signalbox/bus';
import {
  type PartRecord,
  type PartRef,
  decodeEffectiveRecord,
  decodePartRecord,
  decodeRunRecord,
  type RunRecord,
  STREAMS,
  SUBJECTS,
} from '@signalbox/contracts';
import type { ConfigModel } from './domain/config-model.js';

/**
 * What is read between the stored position and now: our own records are folded into the model, proposals without a
 * decision wait until it is clear that they have none.
 */
export class Past {
  private readonly undecided = new Map<number, RunRecord>();
  /** Where the proposal of a part stands that was accepted since the stored position. */
  private readonly proposals = new Map<string, number>();

  /** `foldedSeq`: up to there the tables that the model was loaded from hold our own records. */
  constructor(
    private readonly model: ConfigModel,
    private readonly foldedSeq: number,
    private readonly log: BusLog,
  ) {}

  /** One record of the past. */
  fold(message: StreamMessage): void {
    const { subject, seq } = message;
    if (subject.startsWith('activity.run.')) {
      const record = readRecord(this.log, message, decodeRunRecord);
      if (record?.type === 'ended' || record?.type === 'withdrawn') this.undecided.set(seq, record);
    } else if (subject.startsWith('activity.part.')) {
      const record = readRecord(this.log, message, decodePartRecord);
      if (!record) return;
      this.settle(record);
      if (seq > this.foldedSeq) this.model.applyPart(record);
    } else if (subject === SUBJECTS.effective && seq > this.foldedSeq) {
      const record = readRecord(this.log, message, decodeEffectiveRecord);
      if (record) this.model.applyEffective(record);
    }
  }

  /** What still has to be decided, in stream order. */
  get waiting(): readonly (readonly [seq: number, record: RunRecord])[] {
    return [...this.undecided];
  }

  /** Whether a part was proposed after a record: a withdrawal that is decided again must not end it. */
  isProposedAfter(part: PartRef, seq: number): boolean {
    return (this.proposals.get(keyOf(part)) ?? 0) > seq;
  }

  /** A withdrawal may end many parts, so it is decided again: it ends what is left of them. */
  private settle(record: PartRecord): void {
    const { cause } = record;
    if (cause.stream !== STREAMS.activity || record.type === 'withdrawn') return;
    this.undecided.delete(cause.seq);
    if (record.type === 'accepted') this.proposals.set(keyOf(record.part), cause.seq);
  }
}

function keyOf({ source, generation }: PartRef): string {
  return `${generation} ${source}`;
}
