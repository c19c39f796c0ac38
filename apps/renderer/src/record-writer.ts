import { Injectable } from '@nestjs/common';
import { Bus, getLast } from '@signalbox/bus';
import { type EffectiveRecord, type PartRecord, STREAMS, SUBJECTS } from '@signalbox/contracts';

/** Appends the renderer's records. `activity.effective` is fenced: nobody else may have written since. */
@Injectable()
export class RecordWriter {
  private effectiveSeq = 0;

  constructor(private readonly bus: Bus) {}

  /** Reads where the fence stands; before the first record of a start. */
  async open(): Promise<void> {
    const last = await getLast(this.bus, STREAMS.activity, SUBJECTS.effective);
    this.effectiveSeq = last?.seq ?? 0;
  }

  /** Largest record, bytes. */
  get maxBytes(): number {
    return this.bus.maxBytes;
  }

  async part(record: PartRecord): Promise<number> {
    const about = record.type === 'accepted' ? record.part : record;
    const generation =
      record.type === 'rejected'
        ? `${record.runId}.${record.attempt}`
        : (about as { generation: number }).generation;
    const { seq } = await this.bus.publisher.publishJson(SUBJECTS.partActivity(about.owner), record, {
      msgId: `${record.type}:${about.source}:${generation}:${record.cause.stream}:${record.cause.seq}:${record.at}`,
    });
    return seq;
  }

  /** One generation, chunk after chunk; throws WrongSequenceError when somebody else wrote. */
  async effective(records: readonly EffectiveRecord[]): Promise<number> {
    for (const record of records) {
      const { seq } = await this.bus.publisher.publishJson(SUBJECTS.effective, record, {
        msgId: `effective:${record.generation}:${record.chunk}:${record.digest}`,
        expectLastSubjectSeq: this.effectiveSeq,
      });
      this.effectiveSeq = seq;
    }
    return this.effectiveSeq;
  }
}
