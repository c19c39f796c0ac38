import { Inject, Injectable } from '@nestjs/common';
import { appendDeadLetter, Bus, lastBefore, streamInfo } from '@signalbox/bus';
import {
  CodedError,
  deliveryOwner,
  type EventGroupSpec,
  factsStream,
  formatTime,
  readDelivery,
  retentionOf,
  type RetentionRecord,
  SUBJECTS,
} from '@signalbox/contracts';
import { Clock, Metrics, PeriodicTask, SITE_CONFIG, type SiteConfig } from '@signalbox/runtime';
import {
  countUndelivered,
  deleteFactsUpTo,
  factsProjectionName,
  factsUpTo,
  firstTooMany,
  loadPosition,
  MATCHES,
} from '@signalbox/store';
import type { StreamInfo } from 'nats';
import { DataSource } from 'typeorm';
import type { NamedPeer } from './domain/members.js';
import { decideCut, isTooMany, isTooOld } from './domain/retention.js';

/**
 * Lets go of facts that are beyond the retention of their group: tells what no peer will get any more and that they go, then
 * purges the stream and deletes their rows. A crash in between is made good the next time. ADR 0019.
 */
@Injectable()
export class FactRetention {
  private groups: ReadonlyMap<string, EventGroupSpec> = new Map();
  private peers: readonly NamedPeer[] = [];
  private readonly turns: PeriodicTask;
  /** Groups of which it was said that they could not be pruned. */
  private readonly failing = new Set<string>();
  private readonly pruned;

  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    metrics: Metrics,
    @Inject(SITE_CONFIG) private readonly config: SiteConfig,
  ) {
    this.turns = new PeriodicTask(config.pruneEveryMs, () => this.pruneAll());
    this.pruned = metrics.counter('signalbox_facts_pruned_total', 'Facts beyond their retention', [
      'group',
      'bound',
    ]);
  }

  /** Takes what is declared. A group that was deleted keeps its facts. */
  declare(groups: ReadonlyMap<string, EventGroupSpec>, peers: readonly NamedPeer[]): void {
    this.groups = groups;
    this.peers = peers;
    for (const group of this.failing) if (!groups.has(group)) this.failing.delete(group);
  }

  /** Prunes now and then, see `SIGNALBOX_PRUNE_EVERY`. */
  start(): void {
    this.turns.start();
  }

  async stop(): Promise<void> {
    await this.turns.stop();
  }

  private async pruneAll(): Promise<void> {
    for (const [group, spec] of this.groups) {
      if (this.turns.isStopped) return;
      try {
        await this.prune(group, spec);
        this.failing.delete(group);
      } catch (err) {
        if (!this.failing.has(group) && !this.bus.outages.explain(err))
          this.bus.log.warn({ err, group }, 'facts beyond their retention could not be pruned, trying again');
        this.failing.add(group);
      }
    }
  }

  /** Prunes one group. */
  private async prune(group: string, spec: EventGroupSpec): Promise<void> {
    const { bus, dataSource } = this;
    const info = await streamInfo(bus.manager, factsStream(group));
    if (!info) return;
    // what a crash behind the last purge has left
    await deleteFactsUpTo(dataSource, group, info.state.first_seq - 1);
    const cut = await this.cutOf(group, spec, info);
    if (!cut) return;
    const facts = await factsUpTo(dataSource, group, cut.upTo);
    await this.buryUndelivered(group, info, cut.upTo);
    const record: RetentionRecord = { group, ...cut, facts, at: formatTime(this.clock.now()) };
    await bus.publisher.publishJson(SUBJECTS.retention(group), record, {
      msgId: `retention:${group}:${info.created}:${cut.upTo}`,
    });
    await bus.manager.streams.purge(info.config.name, { seq: cut.upTo + 1 });
    await deleteFactsUpTo(dataSource, group, cut.upTo);
    this.pruned.inc({ group, bound: cut.bound }, facts);
    bus.log.info({ group, ...cut, facts }, 'facts beyond their retention were pruned');
  }

  private async cutOf(
    group: string,
    spec: EventGroupSpec,
    { config, created, state }: StreamInfo,
  ): Promise<Pick<RetentionRecord, 'upTo' | 'bound'> | undefined> {
    const { maxAgeMs, maxEvents } = retentionOf(spec, this.config.facts);
    const nowMs = this.clock.now();
    const isOld =
      state.messages > 0 && maxAgeMs !== undefined && isTooOld(Date.parse(state.first_ts), nowMs, maxAgeMs);
    const isMany = maxEvents !== undefined && isTooMany(state.messages, maxEvents);
    if (!isOld && !isMany) return undefined;
    const { manager } = this.dataSource;
    const seen = await Promise.all(
      [MATCHES, factsProjectionName(group)].map((name) => loadPosition(manager, name, config.name, created)),
    );
    const cuts = {
      byAge: isOld ? await lastBefore(this.bus, config.name, nowMs - maxAgeMs) : 0,
      byNumber: isMany ? await firstTooMany(this.dataSource, group, maxEvents) : 0,
      seen: Math.min(...seen),
    };
    return decideCut(cuts, state.first_seq);
  }

  /** One dead letter for each peer that will not get some of the facts: which they are, and how many. */
  private async buryUndelivered(group: string, info: StreamInfo, upTo: number): Promise<void> {
    const peers = this.peers.filter(({ spec }) => spec.groupRef === group);
    if (peers.length === 0) return;
    const { created, state } = info;
    const stream = info.config.name;
    for await (const { name: durable, ack_floor: floor } of this.bus.manager.consumers.list(stream)) {
      const owner = readDelivery(durable)?.owner;
      const peer = peers.find(({ name }) => deliveryOwner(group, name) === owner);
      if (!peer || floor.stream_seq >= upTo) continue;
      const { types = [], subjectPrefixes = [] } = peer.spec;
      const range = { group, peer: peer.name, after: Math.max(floor.stream_seq, state.first_seq - 1), upTo };
      const nowNs = BigInt(this.clock.now()) * 1_000_000n;
      const facts = await countUndelivered(this.dataSource, { ...range, types, subjectPrefixes, nowNs });
      if (facts === 0) continue;
      const were = facts === 1 ? '1 fact was' : `${facts} facts were`;
      const message = `${were} pruned before ${peer.name} got them: see retention of EventGroup/${group}`;
      await appendDeadLetter(this.bus, {
        service: 'ingest',
        error: new CodedError('retention', message).toBody(),
        subject: SUBJECTS.ownFacts(group),
        data: Buffer.from(JSON.stringify({ ...range, facts })),
        at: formatTime(this.clock.now()),
        stream,
        seq: upTo,
        about: { group, peer: peer.name, facts: String(facts) },
        msgId: `retention:${durable}:${created}:${upTo}`,
      });
    }
  }
}
