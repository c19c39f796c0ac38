import { Injectable } from '@nestjs/common';
import { Bus, FencedWriter } from '@signalbox/bus';
import { type BackendRecord, STREAMS, SUBJECTS } from '@signalbox/contracts';

/** The one writer of `activity.backend.>`. */
@Injectable()
export class BackendRecords {
  private readonly writer: FencedWriter<BackendRecord>;

  constructor(bus: Bus) {
    this.writer = new FencedWriter(bus, {
      stream: STREAMS.activity,
      subjectOf: ({ backend }) => SUBJECTS.backendActivity(backend),
      idOf: ({ backend, version, at }) => `backend:${backend}:${version}:${at}`,
      merge: (older, { from: _replaced, ...newer }) => ({
        ...newer,
        ...(older.from !== undefined && { from: older.from }),
      }),
    });
  }

  /** Sequence of the newest record that this process appended. */
  get lastSeq(): number {
    return this.writer.lastSeq;
  }

  /** Tells where the records of a backend stood before this process. */
  resume(backend: string, seq: number): void {
    this.writer.resume(SUBJECTS.backendActivity(backend), seq);
  }

  /** Resolves with the sequence when the record is stored; waits while NATS is away. */
  append(record: BackendRecord): Promise<number> {
    return this.writer.append(record);
  }

  stop(): void {
    this.writer.stop();
  }
}
