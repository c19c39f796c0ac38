import { Injectable } from '@nestjs/common';
import { Bus, FencedWriter, getLast, readRecord } from '@signalbox/bus';
import { decodeSinkIntent, formatTime, type SinkIntent, STREAMS, SUBJECTS } from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';

/** What operators want of sinks: `journal.sink.>`. Its one writer. */
@Injectable()
export class SinkIntents {
  private readonly writer: FencedWriter<SinkIntent>;

  constructor(
    private readonly bus: Bus,
    private readonly clock: Clock,
  ) {
    this.writer = new FencedWriter(bus, {
      stream: STREAMS.journal,
      subjectOf: ({ sink }) => SUBJECTS.sinkJournal(sink),
      idOf: ({ sink, paused, at }) => `sink-intent:${sink}:${paused}:${at}`,
      merge: (_older, newer) => newer,
    });
  }

  /** The newest intent for a sink, before its first one of this process. */
  async recall(sink: string): Promise<SinkIntent | undefined> {
    const subject = SUBJECTS.sinkJournal(sink);
    const last = await getLast(this.bus, STREAMS.journal, subject);
    this.writer.resume(subject, last?.seq ?? 0);
    return last && readRecord(this.bus.log, last, decodeSinkIntent);
  }

  /**
   * Resolves when the intent is stored. Sent again until that is certain: one whose ack got lost must not come into force by surprise.
   * Rejects with `nats-unavailable` only when stopped.
   */
  async append(
    wanted: Omit<SinkIntent, 'at'>,
  ): Promise<{ readonly intent: SinkIntent; readonly seq: number }> {
    const intent = { ...wanted, at: formatTime(this.clock.now()) };
    return { intent, seq: await this.writer.append(intent) };
  }

  stop(): void {
    this.writer.stop();
  }
}
