import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Bus, Follower, readRecord, streamInfo, type StreamMessage } from '@signalbox/bus';
import { decodeConfigBatch, decodeRunBatch, decodeSinkRecord, STREAMS, SUBJECTS } from '@signalbox/contracts';
import { Tracing } from '@signalbox/runtime';
import { type RecordedStep, TraceSteps } from '../domain/trace-steps.js';

/** Where what is told of begins; the rest of ACTIVITY is passed over. */
const [RUNS, CONFIG, SINKS] = [SUBJECTS.allRunActivity, SUBJECTS.allConfig, SUBJECTS.allSinkActivity].map(
  (subject) => subject.replace(/[*>]$/, ''),
) as [string, string, string];

/**
 * Tells a collector what followed from facts that stand in a trace, by reading the records of it as they come. No service waits for that, and
 * without a collector nothing is read. What came while this process was away is not told. ADR 0053.
 */
@Injectable()
export class TraceTeller implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly steps = new TraceSteps();
  private follower: Follower | undefined;

  constructor(
    private readonly bus: Bus,
    private readonly tracing: Tracing,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (!this.tracing.isOn) return;
    const info = await streamInfo(this.bus.manager, STREAMS.activity);
    this.follower = new Follower(this.bus, {
      name: 'traces',
      stream: STREAMS.activity,
      filter: 'activity.>',
      fromSeq: (info?.state.last_seq ?? 0) + 1,
      onBatch: (batch) => {
        for (const message of batch) for (const step of this.stepsOf(message)) this.tell(step);
        return Promise.resolve();
      },
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.follower?.stop();
  }

  private stepsOf(message: StreamMessage): readonly RecordedStep[] {
    const { log } = this.bus;
    const isOf = (beginning: string): boolean => message.subject.startsWith(beginning);
    if (isOf(RUNS))
      return (readRecord(log, message, decodeRunBatch)?.records ?? []).flatMap((one) =>
        this.steps.ofRun(one),
      );
    if (isOf(CONFIG))
      return (readRecord(log, message, decodeConfigBatch)?.records ?? []).flatMap((one) =>
        one.type === 'generation' ? this.steps.ofGeneration(one) : this.steps.ofPart(one),
      );
    const sink = isOf(SINKS) ? readRecord(log, message, decodeSinkRecord) : undefined;
    return sink ? this.steps.ofSink(sink) : [];
  }

  private tell({ endMs, error, ...step }: RecordedStep): void {
    this.tracing.tell(step, { endMs, ...(error !== undefined && { error }) });
  }
}
