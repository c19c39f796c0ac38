import { Injectable } from '@nestjs/common';
import { Bus, RecordLog } from '@signalbox/bus';
import { type RunRecord, STREAMS, SUBJECTS } from '@signalbox/contracts';

/** The one writer of what becomes of runs, and of the plans that no subscription makes. */
@Injectable()
export class ExecutionLog {
  private readonly log: RecordLog<RunRecord>;

  constructor(bus: Bus) {
    this.log = new RecordLog(bus, STREAMS.activity);
  }

  /** Resolves when the record is stored. Throws `too-large`, and `nats-unavailable` at a stop. */
  async append(record: RunRecord): Promise<void> {
    await this.log.append(SUBJECTS.executions, [record]);
  }

  /** What is under way is stored, or given up. */
  async stop(): Promise<void> {
    await this.log.stop();
  }
}
