import { lifetimeUntil } from '../../domain/leases/lease-times.js';
import { uptimeMs } from '../../leases/uptime.js';
import type { HeldVip, HeldVips } from './held-vips.js';
import type { AddressToSet, KernelAddress, KernelAddresses } from './kernel-addresses.js';
import type { NeighbourNews, News } from './neighbour-news.js';

/** After it a call of the kernel is given up. Milliseconds. */
const DEADLINE_MS = 5000;

/** How often neighbours are told of a VIP that came: with it, and with its first renewals. One message may get lost. */
const TELLINGS = 3;

/** A lifetime is not set anew for less than this. Seconds. */
const LEAST_GAIN_SECONDS = 1;

/** What a turn made of the kernel. */
export interface KernelLook {
  /** Addresses of ours that it has. */
  readonly standing: ReadonlySet<string>;
  /** Addresses that were taken away in this turn. */
  readonly removed: number;
}

/** Gives the kernel the addresses that leases permit, for so long, and takes the others away. One turn at a time. */
export class VipKernel {
  constructor(
    private readonly kernel: KernelAddresses,
    private readonly news: NeighbourNews,
    private readonly vips: HeldVips,
  ) {}

  /**
   * Makes the addresses of VIPs as they may be now. `sweep`: also takes away those of ours that belong to no VIP. `heard` is told what was found
   * before anything was changed. Rejects with `announcer-unavailable`.
   */
  async turn(
    sweep: boolean,
    heard: (addresses: readonly KernelAddress[]) => void = () => undefined,
  ): Promise<KernelLook> {
    const addresses = await this.kernel.look(DEADLINE_MS);
    heard(addresses);
    const leaving = this.leaving(addresses, sweep);
    if (leaving.length > 0) await this.kernel.remove(leaving, DEADLINE_MS);
    const left = new Set(leaving);
    const standing = addresses.filter((one) => one.isOurs && !left.has(one));
    const found = new Map(standing.map((one) => [one.address, one]));
    for (const { address } of this.vips.all) if (!found.has(address)) this.vips.gone(address);
    const set = await this.extend(found);
    return {
      standing: new Set([...standing.map(({ address }) => address), ...set]),
      removed: leaving.length,
    };
  }

  /** What the kernel has. Rejects with `announcer-unavailable`. */
  look(): Promise<readonly KernelAddress[]> {
    return this.kernel.look(DEADLINE_MS);
  }

  private leaving(addresses: readonly KernelAddress[], sweep: boolean): readonly KernelAddress[] {
    const nowMs = uptimeMs();
    return addresses.filter((one) => {
      if (!one.isOurs) return false;
      const vip = this.vips.get(one.address);
      if (!vip) return sweep;
      return vip.interface !== one.interface || this.vips.permit(vip, nowMs) === undefined;
    });
  }

  /** Gives those that were set. */
  private async extend(standing: ReadonlyMap<string, KernelAddress>): Promise<readonly string[]> {
    const nowMs = uptimeMs();
    const due = this.vips.all.flatMap((vip): { readonly vip: HeldVip; readonly set: AddressToSet }[] => {
      const untilMs = this.vips.permit(vip, nowMs);
      const lifetime = untilMs === undefined ? undefined : lifetimeUntil(untilMs, nowMs);
      const left = standing.get(vip.address)?.leftSeconds ?? 0;
      if (!lifetime || lifetime.seconds - left < LEAST_GAIN_SECONDS) return [];
      const { address, interface: device } = vip;
      return [{ vip, set: { address, interface: device, ...lifetime } }];
    });
    if (due.length === 0) return [];
    for (const { vip } of due) this.vips.setting(vip.address);
    const isInTime = await this.kernel.set(
      due.map(({ set }) => set),
      DEADLINE_MS,
    );
    if (!isInTime) return [];
    this.news.tell(due.flatMap(({ vip }) => this.newsOf(vip.address, !standing.has(vip.address))));
    return due.map(({ vip }) => vip.address);
  }

  private newsOf(address: string, isBack: boolean): readonly News[] {
    const vip = this.vips.get(address);
    const untilMs = vip && this.vips.permit(vip);
    if (!vip || untilMs === undefined || (!isBack && vip.told >= TELLINGS)) return [];
    this.vips.told(address);
    return [{ address, interface: vip.interface, untilMs }];
  }
}
