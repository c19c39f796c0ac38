import {
  canonicalAddress,
  CodedError,
  type ErrorBody,
  type NodeState,
  type NodeVpp,
} from '@signalbox/contracts';
import type { Log } from '@signalbox/runtime';
import type { VppClient } from './api/vpp-client.js';
import { digestOfVip, type LbNames } from './lb-names.js';
import { type LbPlan, lbPlan, type LbWrite, targetText } from './lb-plan.js';
import type { LbTable, LbVip } from './lb-table.js';
import { vipOf, vipText } from './vip-key.js';
import type { VppLb } from './vpp-lb.js';
import type { VppTime } from './vpp-time.js';
import { type Wanted, wantedVips } from './wanted-vips.js';

/** How often it is written at most before what VPP does not take is given up: once more than when all goes well. */
const MOST_ROUNDS = 2;

/** What a comparison with VPP came to. */
export interface SyncRun {
  /** What stands, read back after the last write. */
  readonly table: LbTable;
  /** Those that VPP said yes to. */
  readonly writes: readonly LbWrite[];
  /** By the name of the listener. */
  readonly refused: ReadonlyMap<string, ErrorBody>;
}

/**
 * Makes VPP as desired: reads what stands, writes what differs, and reads it back, since VPP may say yes and do nothing. Where nothing
 * differs nothing is written. Reference maglev 6.4, 6.5.
 */
export class LbSync {
  /** Targets that were to be cut in the state of before. */
  private cut: ReadonlySet<string> = new Set();
  /** VIPs that this VPP says nothing of how it tells clients apart, though it was told, and what it was told. */
  private readonly unread = new Map<string, boolean>();
  private client: VppClient | undefined;

  constructor(
    private readonly lb: VppLb,
    private readonly names: LbNames,
    private readonly log: Log,
  ) {}

  /**
   * `only`: of this listener alone; then no VIP goes but its own. Rejects with `data-plane-unavailable` when VPP does not answer or does not
   * take its settings.
   */
  async run(
    client: VppClient,
    desired: NodeState,
    only: string | undefined,
    time: VppTime,
  ): Promise<SyncRun> {
    if (client !== this.client) this.unread.clear();
    this.client = client;
    const writes: LbWrite[] = [];
    let refusals: ReadonlyMap<string, string> = new Map();
    let before: LbPlan | undefined;
    for (let round = 0; ; round += 1) {
      const table = this.asRead(await this.lb.read(client, time));
      const wanted = wantedVips(desired.listeners, table.vips, this.names.served);
      let plan = this.planOf(table, wanted, desired.vpp, only);
      if (before && this.noteUnread(before, plan))
        plan = this.planOf(this.asRead(table), wanted, desired.vpp, only);
      if (plan.writes.length === 0 || round === MOST_ROUNDS) {
        const refused = new Map([...wanted.refused, ...this.undone(plan, wanted, refusals)]);
        if (only === undefined) this.taken(desired, wanted);
        return { table: this.asRead(table), writes, refused };
      }
      for (const { name, vip, why } of plan.recreated)
        if (round === 0) this.log.info({ listener: name, vip: vipText(vip) }, `VPP makes a VIP anew: ${why}`);
      const changed = await this.lb.change(client, plan.writes, only === undefined ? 'all' : 'vip', time);
      writes.push(...changed.done);
      refusals = changed.refusals;
      before = plan;
    }
  }

  /** A table with what VPP was told where it does not say. */
  asRead(table: LbTable): LbTable {
    if (this.unread.size === 0) return table;
    const vips = table.vips.map((vip) => ({
      ...vip,
      isSticky: this.unread.get(vipText(vip.key)) ?? vip.isSticky,
    }));
    return { ...table, vips };
  }

  digestOf(vip: LbVip): string {
    return digestOfVip(vip);
  }

  private planOf(
    table: LbTable,
    wanted: Wanted,
    conf: NodeVpp | undefined,
    only: string | undefined,
  ): LbPlan {
    const hints = { cut: this.cut, ...(conf && { conf }) };
    if (only === undefined) return lbPlan(table, wanted, hints);
    const vips = wanted.vips.filter(({ name }) => name === only);
    const texts = new Set(vips.map(({ key }) => vipText(key)));
    const own = { ...table, vips: table.vips.filter(({ key }) => texts.has(vipText(key))) };
    return lbPlan(own, { ...wanted, vips }, hints);
  }

  /** VIPs that were made as they shall be a moment ago and would be made anew for how they tell clients apart: VPP does not say. */
  private noteUnread(before: LbPlan, { recreated }: LbPlan): boolean {
    const made = new Map(
      before.writes.flatMap((write) =>
        write.does === 'add-vip' ? [[vipText(write.vip), write.isSticky] as const] : [],
      ),
    );
    const unread = recreated.filter(({ vip, isEncap }) => !isEncap && made.has(vipText(vip)));
    for (const { vip } of unread) {
      this.log.warn(
        { vip: vipText(vip) },
        'VPP does not say whether it tells clients by their address alone',
      );
      this.unread.set(vipText(vip), made.get(vipText(vip))!);
    }
    return unread.length > 0;
  }

  /** What VPP still has not done after all rounds. A VIP that it keeps though nobody wants it stands in the log, and is seen as drift. */
  private undone(
    { writes }: LbPlan,
    { vips }: Wanted,
    refusals: ReadonlyMap<string, string>,
  ): Map<string, ErrorBody> {
    const names = new Map(vips.map(({ key, name }) => [vipText(key), name]));
    const undone = new Map<string, ErrorBody>();
    for (const write of writes) {
      const of = write.does === 'conf' ? '' : vipText(write.vip);
      const why = refusals.get(of) ?? 'it said that it did, and it did not';
      if (write.does === 'conf')
        throw new CodedError('data-plane-unavailable', `VPP does not take its settings: ${why}`);
      const name = names.get(of);
      if (name === undefined) this.log.warn({ vip: of, why }, 'VPP keeps a VIP that nobody asks for');
      else
        undone.set(name, {
          code: 'data-plane-unavailable',
          message: `VPP does not do what it is told for listener ${name}: ${why}`,
        });
    }
    return undone;
  }

  private taken({ listeners }: NodeState, wanted: Wanted): void {
    this.names.take(listeners, wanted);
    const cut = new Set<string>();
    for (const listener of listeners)
      for (const { address, flush } of listener.targets)
        if (flush) cut.add(targetText(vipOf(listener), canonicalAddress(address)));
    this.cut = cut;
  }
}
