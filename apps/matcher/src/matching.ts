import { Injectable } from '@nestjs/common';
import type { Alarm } from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import type { Position } from '@signalbox/store';
import { WaitingRules } from './domain/waiting-rules.js';
import { MatchedGroups } from './matched-groups.js';
import { Planning } from './planning.js';
import { RuleBook } from './rule-book.js';
import { RuleSwitch } from './rule-switch.js';

/** The rules in force in every group: brings both in line with the book, at the start and at each of its revisions. */
@Injectable()
export class Matching {
  private readonly waiting = new WaitingRules();

  constructor(
    private readonly declared: RuleBook,
    private readonly groups: MatchedGroups,
    private readonly rules: RuleSwitch,
    private readonly planning: Planning,
    private readonly clock: Clock,
  ) {}

  /** Puts the rules in force, reads facts, and plans from then on. The planner is caught up with its records. */
  async start(): Promise<void> {
    const { book } = this.declared;
    await this.declared.load();
    await this.planning.turn(async () => {
      await this.switchRules();
      await this.rules.withdrawOrphans(this.declared.rules());
    });
    this.declared.follow(async (revision) => {
      await this.planning.turn(async () => {
        await this.switchRules();
        this.planning.plan();
      });
      book.mark(revision);
    });
    await book.caughtUp();
    await this.planning.turn(async () => {
      await this.rules.noteRemade();
      this.planning.goLive();
    });
    void this.groups.caughtUp().then(() => this.planning.turn(() => this.planning.readFacts()));
  }

  /** Takes no further revision and no further fact. */
  async stop(): Promise<void> {
    await Promise.all([this.declared.book.stop(), this.groups.stop()]);
  }

  /** How far the facts of every group are matched, by their streams. */
  get positions(): (readonly [stream: string, position: Position])[] {
    return this.groups.positions;
  }

  /** What is wrong now: subscriptions that start nothing. */
  alarms(): Alarm[] {
    return this.waiting.alarms((subscription) => this.planning.waitingFor(subscription));
  }

  /** In a turn. */
  private async switchRules(): Promise<void> {
    const rules = this.declared.rules();
    this.waiting.follow([...rules.values()], this.clock.now());
    const declared = this.declared.groups();
    await this.groups.open(declared);
    this.rules.handOver(this.declared.heirs(), rules);
    const active = new Map([...rules].filter(([, { group }]) => declared.has(group)));
    for (const matching of this.groups.all()) {
      await this.rules.apply(matching, active, this.declared.book.revision);
      if (!matching.isReading) await this.rules.lookBack(matching);
      matching.start();
    }
  }
}
