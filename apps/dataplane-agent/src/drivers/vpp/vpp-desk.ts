import {
  formatTime,
  type VppInfo,
  type VppLbCounters,
  type VppLbState,
  type VppSync,
  type VppVip,
} from '@signalbox/contracts';
import type { Deadline } from '../driver.js';
import type { CallCount } from './api/call-tally.js';
import type { LbNames } from './lb-names.js';
import type { SyncRun } from './lb-sync.js';
import { kindOf, type SyncKind } from './sync-tally.js';
import { protocolName, type VipKey } from './vip-key.js';
import type { ToldVip } from './vips-text.js';
import type { VppLb } from './vpp-lb.js';
import type { VppLink } from './vpp-link.js';
import { VppTime } from './vpp-time.js';

/** What a desk works with. */
export interface DeskParts {
  readonly node: string;
  readonly link: VppLink;
  readonly lb: VppLb;
  readonly names: LbNames;
  readonly sync: (listener: string | undefined, deadline: Deadline) => Promise<SyncRun>;
}

/** Answers what people ask of the VPP of a node, beside what any data plane can be asked. Reference maglev 7, 8.4, 10. */
export class VppDesk {
  /** What VIPs counted when somebody asked last; of a VPP that left, nothing (R14). */
  private last: { readonly client: unknown; readonly told: readonly ToldVip[] } | undefined;

  constructor(private readonly parts: DeskParts) {}

  /** Which VPP it is, or why there is none. */
  info(): VppInfo {
    const { node, link } = this.parts;
    const { client, trouble } = link;
    if (!client) return { node, connected: false, why: trouble?.message ?? 'nobody needed it yet' };
    const { version, buildDate, buildDirectory, pid, bootedAtMs, connectedAtMs } = client;
    return {
      ...{ node, connected: true, version, buildDate, buildDirectory, pid },
      ...(bootedAtMs !== undefined && { bootedAt: formatTime(bootedAtMs) }),
      connectedAt: formatTime(connectedAtMs),
    };
  }

  /** What stands in VPP. Rejects with `data-plane-unavailable`. */
  async lbState(deadline: Deadline): Promise<VppLbState> {
    const { node, lb, link } = this.parts;
    const time = new VppTime(deadline);
    const { conf, vips } = await lb.read(await link.open(time.left), time);
    return {
      node,
      conf,
      vips: vips.map(({ key, encap, isSticky, targets, flows }) => ({
        ...this.vipOf(key),
        ...{ encap, srcIpSticky: isSticky },
        targets: targets.map((target) => ({ ...target, flows: flows.get(target.address) ?? 0 })),
      })),
    };
  }

  /** What VPP counted. Rejects with `data-plane-unavailable`. */
  async lbCounters(deadline: Deadline): Promise<VppLbCounters> {
    const told = await this.counted(new VppTime(deadline));
    return {
      node: this.parts.node,
      vips: told.map(({ key, packets }) => ({ ...this.vipOf(key), ...packets })),
    };
  }

  /** Makes VPP as desired now. Rejects with `not-found`, `not-ready`, and as an apply does. */
  async syncNow(listener: string | undefined, deadline: Deadline): Promise<VppSync> {
    const { writes } = await this.parts.sync(listener, deadline);
    const of = (kind: SyncKind) => writes.filter((write) => kindOf(write) === kind).length;
    return {
      node: this.parts.node,
      ...{ vipsAdded: of('vip_added'), vipsRemoved: of('vip_removed') },
      ...{ targetsAdded: of('as_added'), targetsRemoved: of('as_removed') },
      weightsSet: of('as_weight_updated'),
    };
  }

  /** What VIPs counted. Rejects with `data-plane-unavailable`. */
  async counted(time: VppTime): Promise<readonly ToldVip[]> {
    const { link, lb } = this.parts;
    const client = await link.open(time.left);
    const told = await lb.told(client, time);
    this.last = { client, told };
    return told;
  }

  /** The same as somebody was told last; nothing of a VPP that is not connected any more. */
  get lastCounted(): VppLbCounters['vips'] {
    const { last } = this;
    if (!last || last.client !== this.parts.link.client) return [];
    return last.told.map(({ key, packets }) => ({ ...this.vipOf(key), ...packets }));
  }

  /** Messages by direction, name and result. */
  get calls(): readonly CallCount[] {
    return this.parts.link.calls;
  }

  /** Changes by kind and scope. */
  get changes(): ReturnType<VppLb['tally']['all']> {
    return this.parts.lb.tally.all();
  }

  private vipOf(key: VipKey): VppVip {
    const listener = this.parts.names.nameOf(key);
    return {
      ...(listener !== undefined && { listener }),
      ...{ prefix: `${key.address}/${key.length}`, protocol: protocolName(key), port: key.port },
    };
  }
}
