import { Injectable } from '@nestjs/common';
import { Bus, buryUnreadable, Follower, readRecord, type StreamMessage } from '@signalbox/bus';
import {
  type CodedError,
  decodeCompactionRecord,
  decodeConfigBatch,
  decodeMatchRecord,
  decodeRetentionRecord,
  decodeRunBatch,
  isConfigSubject,
  isMatchSubject,
  isPartOfRun,
  isRetentionSubject,
  STREAMS,
  SUBJECTS,
} from '@signalbox/contracts';
import { Checkpoints } from './checkpoints.js';
import { Planning } from './planning.js';
import { RuleBook } from './rule-book.js';
import { RuleSwitch } from './rule-switch.js';

/** A record that cannot be read, and why. */
type Unreadable = readonly [message: StreamMessage, error: CodedError];

/** Folds what ACTIVITY says of runs, parts and facts that are no longer kept into the planner, and has planned what follows. */
@Injectable()
export class ActivityFold {
  private follower: Follower | undefined;

  constructor(
    private readonly bus: Bus,
    private readonly planning: Planning,
    private readonly checkpoints: Checkpoints,
    private readonly rules: RuleSwitch,
    private readonly declared: RuleBook,
  ) {}

  /** Resolves when everything is folded that was there at the start. */
  async start(fromSeq: number): Promise<void> {
    this.follower = new Follower(this.bus, {
      service: 'matcher',
      name: 'runs and parts',
      stream: STREAMS.activity,
      fromSeq,
      mayWait: () => this.planning.isIdle,
      onBatch: (batch) => this.take(batch),
    });
    await this.follower.caughtUp;
  }

  /** Sequence of the last message that is folded. */
  get position(): number {
    return this.follower?.position ?? 0;
  }

  async stop(): Promise<void> {
    await this.follower?.stop();
  }

  private async take(batch: readonly StreamMessage[]): Promise<void> {
    const unreadable: Unreadable[] = [];
    await this.planning.turn(async () => {
      for (const message of batch) await this.fold(message, unreadable);
      this.planning.plan();
    });
    this.checkpoints.soon();
    await this.planning.dead.bury();
    for (const [message, error] of unreadable) await buryUnreadable(this.bus, 'matcher', message, error);
  }

  private async fold(message: StreamMessage, unreadable: Unreadable[]): Promise<void> {
    const { log } = this.bus;
    const { subject } = message;
    const { planning } = this;
    // no table is folded of these, so nobody else would keep one that cannot be read
    const alone = <T>(decode: (data: Uint8Array) => T): T | undefined =>
      readRecord(log, message, decode, (error) => unreadable.push([message, error]));
    if (isConfigSubject(subject)) {
      for (const record of readRecord(log, message, decodeConfigBatch)?.records ?? []) {
        if (record.type === 'generation') {
          planning.applyGeneration(record);
          continue;
        }
        planning.applyPart(record);
        if (record.type === 'accepted' && planning.isLive && isPartOfRun(record.part))
          await this.rules.judge(
            record.part,
            this.declared.ruleOf(planning.succession.heirOf(record.part.subscription)),
          );
      }
    } else if (isRetentionSubject(subject)) {
      const record = alone(decodeRetentionRecord);
      if (record) planning.retire(record.group, record.upTo);
    } else if (isMatchSubject(subject)) {
      alone(decodeMatchRecord);
    } else if (subject === SUBJECTS.compaction) {
      alone(decodeCompactionRecord);
    } else if (subject === SUBJECTS.executions || (subject === SUBJECTS.plans && !planning.isLive)) {
      // once it is live the plans are its own, and folded
      for (const record of readRecord(log, message, decodeRunBatch)?.records ?? []) planning.applyRun(record);
    }
  }
}
