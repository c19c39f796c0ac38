import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import {
  type Alarm,
  CodedError,
  configSourceOwner,
  DeclaredSuccession,
  type Fact,
  FEDERATION_API,
  formatTime,
  PLUGIN_API,
  pluginOwner,
  type PluginOrder,
  refOf,
  type Resource,
  type RunRecord,
} from '@signalbox/contracts';
import { Clock, Serial } from '@signalbox/runtime';
import { DataSource } from 'typeorm';
import { pluginOrder, type PluginRun } from './domain/plugin-order.js';
import { PluginSchedule, scheduledPlugins } from './domain/plugin-schedule.js';
import { missingGroups } from './domain/missing-groups.js';
import { FactTopics } from './fact-topics.js';
import { ExecutionLog } from './execution-log.js';
import { RunDesk } from './run-desk.js';
import { SiteState } from './site-state.js';
import { untilDone } from './until-done.js';

/** Longest timer Node can hold. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** Pause before a plan is tried again that NATS did not take. Milliseconds. */
const AGAIN_MS = 1000;

/** Who has parts although no subscription started their runs. */
const OWNERS = `select distinct owner from parts where state in ('active', 'quarantined')
  and (owner like 'Plugin/%' or owner like 'DynamicConfigSource/%')`;

/**
 * Runs that no subscription starts: those of the clock, those of event triggers, and those that people ask for. A plan is stored before it is begun with.
 * What an owner has proposed ends with the resource that stands for it.
 */
@Injectable()
export class TriggeredRuns {
  private readonly schedule = new PluginSchedule();
  private readonly topics: FactTopics;
  /** Since when a resource has waited for a group that is not declared. Milliseconds since 1970. */
  private waiting = new Map<string, { readonly alarm: Omit<Alarm, 'since'>; readonly sinceMs: number }>();
  /** Whose parts may stand: who is declared, and whom others took over from. */
  private owners = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  /** Planning takes turns: what one turn plans is no longer due in the next. */
  private readonly planning = new Serial();
  private live = false;
  private readonly ending = new AbortController();

  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
    private readonly state: SiteState,
    private readonly desk: RunDesk,
    private readonly log: ExecutionLog,
    private readonly clock: Clock,
  ) {
    this.topics = new FactTopics(bus, {
      came: (topic, seq) => {
        this.schedule.came(topic, seq);
        this.wake();
      },
      endsAt: (topic, lastSeq) => this.schedule.endsAt(topic, lastSeq),
    });
  }

  /** Goes on where the records of before end, once Postgres is there. The desk has begun with what was open. */
  async start(): Promise<void> {
    for (const { source, ...run } of this.desk.plannedBefore) this.schedule.planned(source, run);
    const trouble = 'the parts of plugins cannot be read, trying again';
    const rows = await untilDone(this.bus, this.ending.signal, trouble, () =>
      this.dataSource.query<{ owner: string }[]>(OWNERS),
    );
    if (!rows) return;
    this.owners = new Set(rows.map(({ owner }) => owner));
    this.desk.tellEnds((source) => this.ended(source));
    this.live = true;
    this.follow();
  }

  /** What is declared has changed. */
  follow(): void {
    if (!this.live) return;
    const plugins = this.state.book.ofKind(PLUGIN_API, 'Plugin');
    const sources = this.state.book.ofKind(PLUGIN_API, 'DynamicConfigSource');
    this.schedule.follow(scheduledPlugins(plugins, sources));
    const succession = new DeclaredSuccession([...plugins, ...sources].map(({ resource }) => resource));
    const owners = new Set([
      ...plugins.map(({ resource }) => pluginOwner(resource.metadata.name)),
      ...sources.map(({ resource }) => configSourceOwner(resource.metadata.name)),
      // what stands of them stays until the first run of who took over from them
      ...succession.handedOver(),
    ]);
    for (const owner of this.owners) if (!owners.has(owner)) this.withdraw(owner);
    this.owners = owners;
    this.topics.follow(this.schedule.topics);
    this.noteMissingGroups([...plugins, ...sources].map(({ resource }) => resource));
    this.wake();
  }

  /** A run that a person asks for. Resolves with its order once the plan is stored. Throws `nats-unavailable`. */
  async runByHand(run: PluginRun, seed: string, facts: readonly Fact[]): Promise<PluginOrder> {
    const order = pluginOrder(run, seed);
    await this.plan(order, facts);
    return order;
  }

  /** Which triggers wait for a group that is not declared. */
  alarms(): Alarm[] {
    return [...this.waiting.values()].map(({ alarm, sinceMs }) => ({ ...alarm, since: formatTime(sinceMs) }));
  }

  async stop(): Promise<void> {
    this.live = false;
    this.ending.abort();
    clearTimeout(this.timer);
    await Promise.all([this.planning.idle(), this.topics.stop()]);
  }

  private noteMissingGroups(triggered: readonly Resource[]): void {
    const isDeclared = (group: string): boolean =>
      this.state.book.get(FEDERATION_API, 'EventGroup', group) !== undefined;
    const before = this.waiting;
    this.waiting = new Map();
    for (const { resource, group } of missingGroups(triggered, isDeclared)) {
      const name = `${resource.kind}/${resource.metadata.name}`;
      const key = `${name} ${group}`;
      const alarm = {
        kind: 'group-missing',
        name,
        reason: 'unknown-group',
        resources: [refOf(resource)],
        text: `${name} waits for facts of EventGroup/${group}, which is not declared: apply it, or correct the topic`,
      } as const;
      this.waiting.set(key, { alarm, sinceMs: before.get(key)?.sinceMs ?? this.clock.now() });
    }
  }

  private wake(afterMs = 0): void {
    clearTimeout(this.timer);
    const nextMs = this.schedule.nextDueMs((owner) => this.desk.isBusy(owner));
    if (!this.live || nextMs === undefined) return;
    const wait = Math.min(Math.max(afterMs, nextMs - this.clock.now()), MAX_TIMER_MS);
    this.timer = setTimeout(() => void this.planning.run(() => this.planDue()), wait);
  }

  private async planDue(): Promise<void> {
    const due = this.schedule.due(this.clock.now(), (owner) => this.desk.isBusy(owner));
    try {
      for (const { plugin: scheduled, trigger: by } of due) {
        const { plugin, revision, configSource } = scheduled;
        const trigger = { ...by, ...(configSource !== undefined && { configSource }) };
        await this.plan(pluginOrder({ plugin, revision, trigger }, formatTime(this.clock.now())), []);
      }
      this.wake();
    } catch (err) {
      if (!this.live) return;
      if (!this.bus.outages.explain(err))
        this.bus.log.error({ err }, 'a trigger could not be planned, trying again');
      this.wake(AGAIN_MS);
    }
  }

  private async plan(order: PluginOrder, contents: readonly Fact[]): Promise<void> {
    const nowMs = this.clock.now();
    const given = order.trigger.type === 'event' ? {} : { contents };
    const planned = { type: 'planned', at: formatTime(nowMs), ...order, ...given } as const;
    await this.log.append(planned);
    if (!this.live) throw new CodedError('not-ready', 'the plugin-runner is stopping');
    const { source, revision, trigger } = order;
    this.schedule.planned(source, { atMs: nowMs, revision, trigger });
    this.desk.begin(planned);
  }

  /** Whose resource was deleted while the run was in work has what it proposed withdrawn once more. */
  private ended(source: string): void {
    const isOurs = source.startsWith('Plugin/') || source.startsWith('DynamicConfigSource/');
    if (!isOurs) return;
    if (!this.owners.has(source)) this.withdraw(source);
    this.wake();
  }

  private withdraw(owner: string): void {
    const at = formatTime(this.clock.now());
    const record: RunRecord = { type: 'withdrawn', at, owner, dueAt: at, reason: `${owner} was deleted` };
    this.log.append(record).catch((err: unknown) => {
      // at a stop the next start finds the part, and nobody who stands for it
      if (this.live) this.bus.log.error({ err, owner }, 'a withdrawal could not be stored');
    });
  }
}
