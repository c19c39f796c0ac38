import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import {
  ACK_WAIT_MS,
  Bus,
  existingStream,
  factsDefinition,
  Follower,
  JetStreamServer,
  readRecord,
  type StreamMessage,
} from '@signalbox/bus';
import {
  type Alarm,
  decodePartRecord,
  decodeRunRecord,
  FEDERATION_API,
  STREAMS,
  SUBJECTS,
  type Watermark,
} from '@signalbox/contracts';
import { Clock, Health, Serial } from '@signalbox/runtime';
import { Projector, ResourceBook, runsProjection } from '@signalbox/store';
import { DataSource } from 'typeorm';
import { DISPATCH_HANDLER } from './dispatch.controller.js';
import type { Rule } from './domain/rule.js';
import { WaitingRules } from './domain/waiting-rules.js';
import { GroupMatching } from './group-matching.js';
import { MatchStore } from './match-store.js';
import { Planning } from './planning.js';
import { PLUGIN_KIND, rulesOf } from './rules.js';
import { RuleSwitch } from './rule-switch.js';

/** RUNS messages sent at the same time. */
const DISPATCH_CONCURRENCY = 256;

/**
 * Starts the matcher: projection, planner at one position of ACTIVITY, rules, then the facts of every group.
 * Facts, run records, rule changes and timers all take turns under one lock.
 */
@Injectable()
export class MatcherService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly book = new ResourceBook('matcher');
  private readonly serial = new Serial();
  private readonly groups = new Map<string, GroupMatching>();
  private readonly waiting = new WaitingRules();
  private activity: Follower | undefined;
  private projector: Projector | undefined;
  private ready = false;

  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
    private readonly server: JetStreamServer,
    private readonly store: MatchStore,
    private readonly planning: Planning,
    private readonly rules: RuleSwitch,
    private readonly clock: Clock,
    health: Health,
  ) {
    health.register('matcher', () => (this.ready ? undefined : 'catching up with the records'));
  }

  async onApplicationBootstrap(): Promise<void> {
    this.projector = await Projector.start(this.bus, this.dataSource, runsProjection);
    await this.projector.caughtUp;
    const { planner, activitySeq } = await this.store.load();
    this.planning.load(planner, () => void this.serial.run(() => this.planning.plan()));
    this.activity = this.follow(activitySeq + 1);
    await this.activity.caughtUp;
    await this.book.load(this.bus, this.dataSource);
    await this.serial.run(async () => {
      await this.switchRules();
      await this.rules.withdrawOrphans(this.currentRules());
    });
    this.book.follow(this.bus, async (revision) => {
      await this.serial.run(async () => {
        await this.switchRules();
        await this.planning.plan();
      });
      const mark: Watermark = { service: 'matcher', stream: STREAMS.journal, seq: revision };
      this.bus.tell(SUBJECTS.watermark('matcher'), mark);
    });
    await this.book.caughtUp();
    await this.server.bind({
      handler: DISPATCH_HANDLER,
      service: 'matcher',
      stream: STREAMS.activity,
      durable: 'matcher-dispatch',
      filter: 'activity.run.>',
      concurrency: DISPATCH_CONCURRENCY,
      ackWaitMs: ACK_WAIT_MS,
    });
    await this.serial.run(() => this.planning.goLive());
    this.ready = true;
  }

  async onApplicationShutdown(): Promise<void> {
    this.planning.stop();
    const groups = [...this.groups.values()].map((group) => group.stop());
    await Promise.all([this.book.stop(), this.activity?.stop(), ...groups]);
    await this.serial.idle();
    await this.projector?.stop();
  }

  /** What is wrong now: subscriptions whose plugin is not declared. */
  alarms(): Alarm[] {
    return this.waiting.alarms((subscription) => this.planning.waitingFor(subscription));
  }

  /** Brings groups and rules in line with the book. Runs under the lock. */
  private async switchRules(): Promise<void> {
    const rules = [...this.currentRules().values()];
    this.waiting.follow(rules, this.clock.now());
    const declared = new Set(
      this.book.ofKind(FEDERATION_API, 'EventGroup').map(({ resource }) => resource.metadata.name),
    );
    for (const name of declared) if (!this.groups.has(name)) await this.openGroup(name);
    for (const [name, matching] of this.groups) {
      const active = declared.has(name) ? rules.filter(({ group }) => group === name) : [];
      await this.rules.apply(matching, active, this.book.revision);
      matching.start();
    }
  }

  private async openGroup(name: string): Promise<void> {
    await existingStream(this.bus.manager, factsDefinition(name));
    const { bus, store, planning, serial, clock } = this;
    const matching = new GroupMatching(name, { bus, store, planning, serial, now: () => clock.now() });
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
      onBatch: (batch) =>
        this.serial.run(async () => {
          for (const message of batch) await this.fold(message);
          await this.planning.plan();
        }),
    });
  }

  private async fold(message: StreamMessage): Promise<void> {
    const { log } = this.bus;
    if (message.subject.startsWith('activity.run.')) {
      const record = readRecord(log, message, decodeRunRecord);
      if (record) await this.planning.applyRun(record);
    } else if (message.subject.startsWith('activity.part.')) {
      const record = readRecord(log, message, decodePartRecord);
      if (!record) return;
      this.planning.applyPart(record);
      if (record.type === 'accepted' && this.ready)
        await this.rules.judge(record.part, this.ruleOf(record.part.subscription));
    }
  }

  private ruleOf(subscription: string): Rule | undefined {
    const declared = this.book.get(FEDERATION_API, 'EventSubscription', subscription);
    if (!declared) return undefined;
    return rulesOf([declared], (name) => this.book.get(...PLUGIN_KIND, name)).get(subscription);
  }
}
