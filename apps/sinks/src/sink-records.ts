import { Injectable } from '@nestjs/common';
import { Bus, FencedWriter, getLast, readRecord } from '@signalbox/bus';
import {
  decodeSinkRecord,
  type SinkContent,
  type SinkFailure,
  type SinkRecord,
  STREAMS,
  SUBJECTS,
} from '@signalbox/contracts';
import { SinkRow } from '@signalbox/store';
import { DataSource } from 'typeorm';

/** The one writer of `activity.sink.>`. */
@Injectable()
export class SinkRecords {
  private readonly writer: FencedWriter<SinkRecord>;

  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
  ) {
    this.writer = new FencedWriter(bus, {
      stream: STREAMS.activity,
      subjectOf: ({ sink }) => SUBJECTS.sinkActivity(sink),
      idOf: ({ sink, version, at }) => `sink:${sink}:${version}:${at}`,
      merge: (_older, newer) => newer,
    });
  }

  /** Tells where the records of a sink stood before this process. */
  resume(sink: string, seq: number): void {
    this.writer.resume(SUBJECTS.sinkActivity(sink), seq);
  }

  /** The newest record of a sink that no row tells of: it left long ago, or it never was. */
  async recall(sink: string): Promise<{ readonly record?: SinkRecord; readonly seq: number }> {
    const last = await getLast(this.bus, STREAMS.activity, SUBJECTS.sinkActivity(sink));
    this.resume(sink, last?.seq ?? 0);
    const record = last ? readRecord(this.bus.log, last, decodeSinkRecord) : await this.rowOf(sink);
    return { ...(record && { record }), seq: last?.seq ?? 0 };
  }

  /** What the table, which has to be caught up, keeps of records that are gone. */
  private async rowOf(sink: string): Promise<SinkRecord | undefined> {
    const row = await this.dataSource.getRepository(SinkRow).findOneBy({ name: sink });
    return row ? sinkRecordOfRow(row) : undefined;
  }

  /** Resolves with the sequence when the record is stored; waits while NATS is away. */
  append(record: SinkRecord): Promise<number> {
    return this.writer.append(record);
  }

  stop(): void {
    this.writer.stop();
  }
}

function sinkRecordOfRow({ name, version, at, state, revision, generation, ...row }: SinkRow): SinkRecord {
  return {
    ...{ sink: name, version, at, state: state as SinkRecord['state'], revision, generation },
    ...(row.content !== null && { content: JSON.parse(row.content) as SinkContent }),
    ...(row.failure !== null && { failure: JSON.parse(row.failure) as SinkFailure }),
    ...(row.reason !== null && { reason: row.reason }),
  };
}
