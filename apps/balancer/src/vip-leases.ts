import { Injectable } from '@nestjs/common';
import { Bus, RecordLog } from '@signalbox/bus';
import {
  BALANCE_API,
  holderKey,
  holderOf,
  type ListenerParts,
  type LoadBalancerSpec,
  readScopedName,
  type Resource,
  type ResourceRef,
  scopedName,
  scopedNameOf,
  specOf,
  STREAMS,
  SUBJECTS,
  type Vip,
  VIP_HOLDERS,
  type VipPlan,
  type VipPoolModel,
  vipPoolModel,
  type VipRecord,
  vipWish,
} from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import { vipRecordsOf } from '@signalbox/store';
import { DataSource } from 'typeorm';
import type { ChangedConfig } from './domain/changed-config.js';
import { UseIndex } from './domain/use-index.js';
import { type VipAsk, VipGranting } from './domain/vip-granting.js';
import type { VipWait } from './domain/vip-ledger.js';
import type { ResourceSource } from './listener-models.js';

/** Kinds that VIPs follow from. */
export const VIP_KINDS: readonly string[] = ['VipPool', ...VIP_HOLDERS];

/** Longest wait of one timer: it does not see that the clock was set or the machine slept. Milliseconds. */
const LONGEST_WAIT_MS = 60_000;

/** How many records are appended by one call: a few messages. */
const AT_ONCE = 10_000;

/**
 * The VIPs of the site: who has which follows from the VipPools, the VipClaims and the addresses that are written, and from what was
 * given before. The one writer of `activity.vip`. What {@link vipOf} says is stored. ADR 0025.
 */
@Injectable()
export class VipLeases {
  private readonly granting = new VipGranting();
  private readonly log: RecordLog<VipRecord>;
  /** LoadBalancer → its VipClaim. */
  private readonly claims = new UseIndex();
  private pools: readonly VipPoolModel[] = [];
  private source: ResourceSource = { all: () => [], get: () => undefined };
  private newest = 0;
  private timer: NodeJS.Timeout | undefined;
  private tellDue: () => void = () => undefined;

  constructor(
    bus: Bus,
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {
    this.log = new RecordLog(bus, STREAMS.activity);
  }

  /** Sequence of the newest record that this process appended, 0 when there is none. */
  get lastSeq(): number {
    return this.newest;
  }

  /** Calls `listener` when {@link due} has something to do. */
  onDue(listener: () => void): void {
    this.tellDue = listener;
  }

  /** Reads what was given before; the projection has to be caught up. */
  async load(): Promise<void> {
    this.granting.restore(await vipRecordsOf(this.dataSource));
  }

  /** Takes over the config; resolves when everything that follows from it is stored. Call it once. */
  async begin(source: ResourceSource): Promise<void> {
    this.source = source;
    this.readPools();
    for (const loadBalancer of source.all('LoadBalancer')) this.readClaim(scopedNameOf(loadBalancer));
    const wishes = VIP_HOLDERS.flatMap((kind) => source.all(kind)).flatMap((one) => vipWish(one) ?? []);
    const asks = new Map<string, VipAsk>(
      [...this.granting.ledger.holders].map((key) => [key, { key, wish: undefined }]),
    );
    for (const wish of wishes) asks.set(holderKey(wish.holder), { key: holderKey(wish.holder), wish });
    await this.decide((nowMs) => this.granting.decide([...asks.values()], nowMs));
  }

  /**
   * What follows from a change of the config: the LoadBalancers and Frontends whose address changed, when the records are stored.
   * Rejects with `nats-unavailable` when stopped before.
   */
  async follow(changed: readonly ResourceRef[]): Promise<ResourceRef[]> {
    const arePoolsChanged = changed.some(({ kind }) => kind === 'VipPool');
    const asks = changed.flatMap((ref) => this.askOf(ref) ?? []);
    if (!arePoolsChanged && asks.length === 0) return [];
    if (arePoolsChanged) this.readPools();
    return this.decide((nowMs) => [
      ...this.granting.decide(asks, nowMs),
      ...(arePoolsChanged ? this.granting.again(nowMs) : []),
    ]);
  }

  /** What follows from quarantines that are over; see {@link follow}. */
  async due(): Promise<ResourceRef[]> {
    return this.decide((nowMs) => this.granting.due(nowMs));
  }

  /** What would follow from changes that are not made, by holder; see {@link VipGranting.outlook}. */
  outlook(changed: ChangedConfig): VipPlan[] {
    const asks = VIP_HOLDERS.flatMap((kind) =>
      Array.from(changed.of(kind), ([name, resource]): VipAsk => {
        return { key: holderKey({ kind, name }), wish: resource && vipWish(resource) };
      }),
    );
    return this.granting.outlook(asks.sort((a, b) => (a.key < b.key ? -1 : 1)));
  }

  /** Where a LoadBalancer is, or the one that a Frontend stands for. */
  vipOf(kind: ListenerParts['kind'], loadBalancer: Resource): Vip {
    const name = scopedNameOf(loadBalancer);
    const { project } = readScopedName(name);
    const { address, vipClaim } = specOf<LoadBalancerSpec>(loadBalancer);
    if (vipClaim !== undefined)
      return this.granting.vipOf(holderKey({ kind: 'VipClaim', name: scopedName(project, vipClaim) }));
    const holder = holderKey({ kind: kind === 'Frontend' ? kind : 'LoadBalancer', name });
    const vip = this.granting.vipOf(holder, address);
    return 'address' in vip && address !== undefined ? { address } : vip;
  }

  /** The pools with how many of their addresses are held and in quarantine. */
  get counts(): { readonly pool: VipPoolModel; readonly used: number; readonly quarantined: number }[] {
    return this.pools.map((pool) => ({ pool, ...this.granting.ledger.countsOf(pool.name) }));
  }

  /** Who waits for an address, by key, and for what. */
  get waits(): ReadonlyMap<string, VipWait> {
    return this.granting.ledger.waiting;
  }

  /** How many wait for an address. */
  get waiting(): number {
    return this.granting.ledger.waitCount;
  }

  /** Holders and addresses in quarantine that are kept in memory. */
  get size(): number {
    return this.granting.size;
  }

  async stop(): Promise<void> {
    clearTimeout(this.timer);
    await this.log.stop();
  }

  private askOf({ kind, project, name }: ResourceRef): VipAsk | undefined {
    const holder = VIP_HOLDERS.find((one) => one === kind);
    if (!holder) return undefined;
    const scoped = scopedName(project, name);
    if (holder === 'LoadBalancer') this.readClaim(scoped);
    const resource = this.source.get(kind, scoped);
    return { key: holderKey({ kind: holder, name: scoped }), wish: resource && vipWish(resource) };
  }

  private readPools(): void {
    this.pools = this.source.all('VipPool').map(vipPoolModel);
    this.granting.setPools(this.pools);
  }

  private readClaim(loadBalancer: string): void {
    const resource = this.source.get('LoadBalancer', loadBalancer);
    const { vipClaim } = resource ? specOf<LoadBalancerSpec>(resource) : {};
    const { project } = readScopedName(loadBalancer);
    this.claims.set(loadBalancer, vipClaim === undefined ? [] : [scopedName(project, vipClaim)]);
  }

  private async decide(rule: (nowMs: number) => readonly VipRecord[]): Promise<ResourceRef[]> {
    clearTimeout(this.timer);
    const records = rule(this.clock.now());
    try {
      for (let at = 0; at < records.length; at += AT_ONCE)
        this.newest = await this.log.append(SUBJECTS.vips, records.slice(at, at + AT_ONCE));
    } finally {
      this.wakeWhenDue();
    }
    const keys = new Set(
      records.flatMap((record) => (record.type === 'freed' ? [] : holderKey(record.holder))),
    );
    return [...keys].flatMap((key) => this.servedBy(key));
  }

  /** What has its address from a holder. */
  private servedBy(key: string): ResourceRef[] {
    const { kind, name: scoped } = holderOf(key);
    const at = (of: string, one: string): ResourceRef => ({
      apiVersion: BALANCE_API,
      kind: of,
      ...readScopedName(one),
    });
    if (kind !== 'VipClaim') return [at(kind, scoped)];
    return [...this.claims.usersOf(scoped)].map((loadBalancer) => at('LoadBalancer', loadBalancer));
  }

  private wakeWhenDue(): void {
    const { nextDueMs } = this.granting;
    if (nextDueMs === undefined) return;
    const waitMs = Math.min(Math.max(1, nextDueMs - this.clock.now()), LONGEST_WAIT_MS);
    this.timer = setTimeout(() => this.tellDue(), waitMs).unref();
  }
}
