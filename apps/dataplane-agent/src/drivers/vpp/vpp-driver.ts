import { canonicalAddress, CodedError, type NodeState } from '@signalbox/contracts';
import { type Log, Serial } from '@signalbox/runtime';
import type {
  AppliedListener,
  ApplyResult,
  DataplaneDriver,
  Deadline,
  FlushRequest,
  ListenerCounters,
  ObservedListener,
} from '../driver.js';
import { systemCode } from '../haproxy/system-code.js';
import { LbNames } from './lb-names.js';
import { isSameConf, targetText } from './lb-plan.js';
import { LbSync, type SyncRun } from './lb-sync.js';
import type { LbTable } from './lb-table.js';
import { vipOf, vipText } from './vip-key.js';
import { listenerCounters } from './vpp-counters.js';
import { VPP_CAPABILITIES } from './vpp-capabilities.js';
import { VppDesk } from './vpp-desk.js';
import { VppLb } from './vpp-lb.js';
import { type Connect, LINK_TIMES, type LinkTimes, VppLink } from './vpp-link.js';
import { VppTime } from './vpp-time.js';
import { vppWarning } from './wanted-vips.js';

/** What the system says of a socket at which nobody listens. */
const NO_VPP: readonly unknown[] = ['ENOENT', 'ECONNREFUSED'];

/** What a driver of VPP works with. */
export interface VppSettings {
  readonly node: string;
  readonly connect: Connect;
  readonly log: Log;
  /** Absent: as {@link LINK_TIMES} has them. */
  readonly times?: LinkTimes;
}

/**
 * The plugin `lb` of VPP as a data plane, by its binary API. What serves traffic is in VPP alone, so it goes on without the agent; when VPP
 * was away, its whole table is compared and made as desired.
 */
export class VppDriver implements DataplaneDriver {
  readonly capabilities = VPP_CAPABILITIES;
  /** What only VPP can tell. */
  readonly vpp: VppDesk;
  private readonly link: VppLink;
  private readonly lb = new VppLb();
  private readonly names = new LbNames();
  private readonly sync: LbSync;
  private readonly calls = new Serial();
  /** What VPP was told last, by whomever. */
  private desired: NodeState | undefined;
  /** The connection over which all of it was compared last, and what stood then. */
  private synced: { readonly client: unknown; readonly table: LbTable } | undefined;

  constructor({ node, connect, log, times = LINK_TIMES }: VppSettings) {
    this.link = new VppLink(connect, times);
    this.sync = new LbSync(this.lb, this.names, log);
    this.vpp = new VppDesk({
      ...{ node, link: this.link, lb: this.lb, names: this.names },
      sync: (listener, deadline) => this.syncNow(listener, deadline),
    });
  }

  apply(desired: NodeState, deadline: Deadline): Promise<ApplyResult> {
    return this.calls.run(async () => {
      this.desired = desired;
      const { run, table } = await this.bring(desired, undefined, new VppTime(deadline));
      return { listeners: this.appliedOf(desired, run, table), writes: run.writes.length };
    });
  }

  async observe(deadline: Deadline): Promise<readonly ObservedListener[]> {
    const time = new VppTime(deadline);
    const client = await this.link.open(time.left);
    return this.names.observed(this.sync.asRead(await this.lb.read(client, time)).vips);
  }

  async counters(deadline: Deadline): Promise<readonly ListenerCounters[]> {
    const time = new VppTime(deadline);
    const told = await this.vpp.counted(time);
    return listenerCounters(this.desired?.listeners ?? [], told);
  }

  /** VPP does not say how many flows it ends: 0. */
  flush({ listener, target }: FlushRequest, deadline: Deadline): Promise<number> {
    return this.calls.run(async () => {
      const time = new VppTime(deadline);
      const vip = this.names.served.get(listener);
      if (!vip) return 0;
      const client = await this.link.open(time.left);
      const known = this.synced?.client === client ? this.synced?.table : undefined;
      const { vips } = known ?? (await this.lb.read(client, time));
      const targets = vips.find(({ key }) => vipText(key) === vipText(vip))?.targets ?? [];
      const text = targetText(vip, canonicalAddress(target.address));
      const found = targets.find((one) => targetText(vip, one.address) === text);
      if (!found) return 0;
      const { address, weight } = found;
      // who is not there any more has nothing to end
      await this.lb.change(
        client,
        [{ does: 'set-weight', vip, address, weight, isFlush: true }],
        'all',
        time,
      );
      return 0;
    });
  }

  onOutsideChange(changed: () => void): void {
    this.link.onChange(changed);
  }

  /** Whether VPP is another one than was compared last, or has other settings. */
  async isOutsideChanged(): Promise<boolean> {
    const { client } = this.link;
    const conf = this.desired?.vpp;
    if (!client || client !== this.synced?.client) return true;
    if (!conf) return false;
    // why nobody can say so is told by the apply that follows
    return this.lb.conf(client, new VppTime({ deadlineMs: LINK_TIMES.answerMs })).then(
      (now) => !isSameConf(now, conf),
      () => true,
    );
  }

  /** Where no VPP listens, none runs; one that is deaf may serve on. */
  servesNobody(): Promise<boolean> {
    const { client, trouble } = this.link;
    return Promise.resolve(!client && NO_VPP.includes(systemCode(trouble?.cause)));
  }

  /** Packets to a VIP that VPP has come to nobody else. */
  async retire(deadline: Deadline): Promise<void> {
    await this.apply({ node: this.desired?.node ?? '', generation: 0, listeners: [] }, deadline);
  }

  /** VIPs stay in VPP. */
  close(): Promise<void> {
    this.link.close();
    return Promise.resolve();
  }

  private async bring(
    desired: NodeState,
    only: string | undefined,
    time: VppTime,
  ): Promise<{ readonly run: SyncRun; readonly table: LbTable }> {
    if (!desired.vpp && desired.listeners.length > 0)
      throw new CodedError(
        'data-plane-refused',
        'nobody says from which addresses the tunnels of VPP come: declare a VppDataPlane',
      );
    if (only === undefined) this.synced = undefined;
    const client = await this.link.open(time.left);
    const run = await this.sync.run(client, desired, only, time);
    if (only === undefined) this.synced = { client, table: run.table };
    return { run, table: run.table };
  }

  private syncNow(listener: string | undefined, deadline: Deadline): Promise<SyncRun> {
    return this.calls.run(async () => {
      const { desired } = this;
      if (!desired)
        throw new CodedError('not-ready', 'the node has no desired state yet: nobody told it what to serve');
      if (listener !== undefined && !desired.listeners.some(({ name }) => name === listener))
        throw new CodedError('not-found', `there is no listener ${listener} on this node`);
      return (await this.bring(desired, listener, new VppTime(deadline))).run;
    });
  }

  private appliedOf(desired: NodeState, run: SyncRun, { vips }: LbTable): AppliedListener[] {
    const standing = new Map(vips.map((vip) => [vipText(vip.key), vip]));
    return desired.listeners.map((listener): AppliedListener => {
      const { name, address, port } = listener;
      const error = run.refused.get(name);
      if (error) return { name, state: 'refused', error };
      const vip = standing.get(vipText(vipOf(listener)));
      const warning = vppWarning(listener, desired.vpp?.flowTimeoutSeconds ?? 0);
      return {
        ...{ name, state: 'applied', listensAt: { address, port } },
        ...(vip && { tableDigest: this.sync.digestOf(vip) }),
        ...(warning !== undefined && { warning }),
      };
    });
  }
}
