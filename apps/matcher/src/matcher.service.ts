import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import {
  Bus,
  existingStream,
  factsDefinition,
  Follower,
  readRecord,
  type StreamMessage,
} from '@signalbox/bus';
import {
  type Alarm,
  decodeConfigBatch,
  decodeRetentionRecord,
  decodeRunBatch,
  FEDERATION_API,
  factsStream,
  STREAMS,
  SUBJECTS,
  type Watermark,
  isConfigSubject,
  isRetentionSubject,
} from '@signalbox/contracts';
import { Clock, Health, Serial } from '@signalbox/runtime';
import { type Position, ResourceBook } from '@signalbox/store';
import { DataSource } from 'typeorm';
import { Checkpoints } from './checkpoints.js';
import type { Rule } from './domain/rule.js';
import { WaitingRules } from './domain/waiting-rules.js';
import { GroupMatching } from './group-matching.js';
import { LiveFacts } from './live-facts.js';
import { MatchStore } from './match-store.js';
import { Planning } from './planning.js';
import { PLUGIN_KIND, rulesOf } from './rules.js';
import { RuleSwitch } from './rule-switch.js';

/**
 * Starts the matcher: planner at one position of ACTIVITY, rules, then the facts of every group.
 * Facts, run records, rule changes and timers all take turns under one lock.
 */
@Injectable()
export class MatcherService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly book = new ResourceBook('matcher');
  private readonly serial = new Serial();
  private readonly groups = new Map<string, GroupMatching>();
  private readonly waiting = new WaitingRules();
  private activity: Follower | undefined;
  private ready = false;

  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
    private readonly store: MatchStore,
    private readonly checkpoints: Checkpoints,
    private readonly planning: Planning,
    private readonly rules: RuleSwitch,
    private readonly live: LiveFacts,
    private readonly clock: Clock,
    health: Health,
  ) {
    health.register('matcher', () => (this.ready ? undefined : 'catching up with the records'));
  }

  async onApplicationBootstrap(): Promise<void> {
    const state = await this.store.load();
    const { activitySeq, activityCreated } = state;
    this.planning.load(state, () => void this.serial.run(() => this.planning.plan()));
    const activity = this.follow(activitySeq + 1);
    this.activity = activity;
    await activity.caughtUp;
    this.checkpoints.open({
      ledger: this.planning.ledger,
      positions: () => this.positions({ seq: activity.position, streamCreated: activityCreated }),
      plansStored: () => this.planning.stored(),
    });
    await this.book.load(this.bus, this.dataSource);
    await this.serial.run(async () => {
      await this.switchRules();
      await this.rules.withdrawOrphans(this.currentRules());
    });
    this.book.follow(this.bus, async (revision) => {
      await this.serial.run(async () => {
        await this.switchRules();
        this.planning.plan();
      });
      const mark: Watermark = { service: 'matcher', stream: STREAMS.journal, seq: revision };
      this.bus.tell(mark);
    });
    await this.book.caughtUp();
    await this.serial.run(() => this.planning.goLive());
    this.ready = true;
    void Promise.all([...this.groups.values()].map(({ caughtUp }) => caughtUp)).then(() =>
      this.planning.plannedSince.clear(),
    );
  }

  async onApplicationShutdown(): Promise<void> {
    const groups = [...this.groups.values()].map((group) => group.stop());
    // together: a batch in work may wait until plans are stored, which a server that hangs never takes
    await Promise.all([this.book.stop(), this.activity?.stop(), ...groups, this.planning.stop()]);
    await this.serial.idle();
    await this.checkpoints.stop();
  }

  /** How far every stream is folded. */
  private positions(activity: Position): ReadonlyMap<string, Position> {
    const facts = [...this.groups].map(([name, group]) => [factsStream(name), group.position] as const);
    return new Map([[STREAMS.activity, activity], ...facts]);
  }

  /** What is wrong now: subscriptions whose plugin is not declared. */
  alarms(): Alarm[] {
    return this.waiting.alarms((subscription) => this.planning.waitingFor(subscription));
  }

  /** Brings groups and rules in line with the book. Runs under the lock. */
  private async switchRules(): Promise<void> {
    const rules = this.currentRules();
    this.waiting.follow([...rules.values()], this.clock.now());
    const declared = new Set(
      this.book.ofKind(FEDERATION_API, 'EventGroup').map(({ resource }) => resource.metadata.name),
    );
    for (const name of declared) if (!this.groups.has(name)) await this.openGroup(name);
    const active = new Map([...rules].filter(([, { group }]) => declared.has(group)));
    for (const matching of this.groups.values()) {
      await this.rules.apply(matching, active, this.book.revision);
      await matching.lookBack();
      matching.start();
    }
  }

  private async openGroup(name: string): Promise<void> {
    await existingStream(this.bus.manager, factsDefinition(name));
    const { bus, store, planning, checkpoints, live, serial, clock } = this;
    const now = (): number => clock.now();
    const matching = new GroupMatching(name, { bus, store, planning, checkpoints, live, serial, now });
    await matching.load();
    this.groups.set(name, matching);
  }

  private currentRules(): ReturnType<typeof rulesOf> {
    return rulesOf(this.book.ofKind(FEDERATION_API, 'EventSubscription'), (name) =>
      this.book.get(...PLUGIN_KIND, name),
    );
  }

  private follow(fromSeq: number): Follower {
    return new Follower(this.bus, {
      service: 'matcher',
      name: 'runs and parts',
      stream: STREAMS.activity,
      fromSeq,
      mayWait: () => this.planning.isIdle,
      onBatch: async (batch) => {
        await this.serial.run(async () => {
          for (const message of batch) await this.fold(message);
          this.planning.plan();
        });
        this.checkpoints.soon();
        await this.planning.buryFailures();
      },
    });
  }

  private async fold(message: StreamMessage): Promise<void> {
    const { log } = this.bus;
    const { subject } = message;
    if (isConfigSubject(subject)) {
      for (const record of readRecord(log, message, decodeConfigBatch)?.records ?? []) {
        if (record.type === 'generation') {
          this.planning.applyGeneration(record);
          continue;
        }
        this.planning.applyPart(record);
        if (record.type === 'accepted' && this.ready)
          await this.rules.judge(record.part, this.ruleOf(record.part.subscription));
      }
    } else if (isRetentionSubject(subject)) {
      const record = readRecord(log, message, decodeRetentionRecord);
      if (record) this.planning.retire(record.group, record.upTo);
    } else if (subject === SUBJECTS.executions || (subject === SUBJECTS.plans && !this.ready)) {
      // once it is ready the plans are its own, and folded
      for (const record of readRecord(log, message, decodeRunBatch)?.records ?? [])
        this.planning.applyRun(record);
    }
  }

  private ruleOf(subscription: string): Rule | undefined {
    const declared = this.book.get(FEDERATION_API, 'EventSubscription', subscription);
    if (!declared) return undefined;
    return rulesOf([declared], (name) => this.book.get(...PLUGIN_KIND, name)).get(subscription);
  }
}
