import { compareAddresses, type ErrorBody, errorBody, type NodeVip } from '@signalbox/contracts';
import type { Log } from '@signalbox/runtime';
import { leaderOf } from '../../domain/leases/lease-turn.js';
import type { Leaders } from '../../leases/leaders.js';
import { uptimeMs } from '../../leases/uptime.js';
import type { Deadline } from '../../drivers/driver.js';
import type {
  AnnounceResult,
  PeerSession,
  StandingVip,
  VipAnnouncer,
  WantedAnnouncements,
} from '../announcer.js';
import { PoolPrefixes } from '../pool-prefixes.js';
import { HeldVips } from './held-vips.js';
import { type KernelAddress, KernelAddresses } from './kernel-addresses.js';
import { KernelTurns } from './kernel-turns.js';
import { NeighbourNews, type NewsPrograms } from './neighbour-news.js';
import { VipKernel } from './vip-kernel.js';

/** What the announcer works with. */
export interface AddressSettings extends NewsPrograms {
  readonly node: string;
  /** The program; absent: `ip`, where the system has its programs. */
  readonly ip?: string;
}

/**
 * Has a VIP on an interface of the node as long as the node holds its lease, and tells the neighbours. The kernel takes the address away before
 * the lease ends, whatever becomes of this process. For sites without routers. ADR 0043.
 */
export class AddressAnnouncer implements VipAnnouncer {
  readonly method = 'address';
  private readonly vips: HeldVips;
  private readonly kernel: KernelAddresses;
  private readonly news: NeighbourNews;
  private readonly turns: KernelTurns;
  private readonly refusals = new Map<string, ErrorBody>();
  private readonly watchers = new Set<() => void>();
  private wanted: readonly NodeVip[] = [];
  private told = '';

  constructor(
    settings: AddressSettings,
    private readonly leaders: Leaders,
    log: Log,
  ) {
    this.kernel = new KernelAddresses(settings.ip ?? 'ip', settings.node);
    this.news = new NeighbourNews(settings, log);
    this.vips = new HeldVips(settings.node, leaders, () => this.turned());
    this.turns = new KernelTurns(this.vips, new VipKernel(this.kernel, this.news, this.vips), log);
  }

  async apply(wanted: WantedAnnouncements, { deadlineMs }: Deadline): Promise<AnnounceResult> {
    const interfaces = await this.kernel.interfaces(deadlineMs);
    let writes = 0;
    const { removed } = await this.turns.sweep((addresses) => {
      this.adopt(addresses);
      this.refuse(wanted, interfaces, addresses);
      this.wanted = wanted.vips;
      const standing = new Set(addresses.filter(({ isOurs }) => isOurs).map(({ address }) => address));
      const named = new Set(wanted.vips.map(({ address }) => address));
      for (const { address } of this.vips.all) if (!named.has(address)) this.vips.unwant(address);
      for (const vip of wanted.vips)
        if (this.refusals.has(vip.address)) this.vips.unwant(vip.address);
        else if (this.vips.want(vip) && !standing.has(vip.address)) writes += 1;
    });
    this.vips.turn();
    const vips = this.standing();
    this.told = JSON.stringify(vips);
    return { vips, writes: writes + removed };
  }

  async observe(): Promise<readonly StandingVip[]> {
    const addresses = await this.turns.look();
    const ours = addresses.filter(({ isOurs }) => isOurs).map(({ address }) => address);
    const found = new Map(ours.map((address) => [address, { address, state: 'announced' } as StandingVip]));
    for (const one of this.standing()) if (one.state === 'standby') found.set(one.address, one);
    return [...found.values()].sort((a, b) => compareAddresses(a.address, b.address));
  }

  sessions(): Promise<readonly PeerSession[]> {
    return Promise.resolve([]);
  }

  onChange(changed: () => void): void {
    this.watchers.add(changed);
  }

  /** Neither takes an address away nor gives a lease back: another process of the node that comes in time goes on with both. */
  async close(): Promise<void> {
    this.vips.close();
    await this.turns.close();
    await this.news.settle();
  }

  /** What a process before this one has set is ours as long as it lives. */
  private adopt(addresses: readonly KernelAddress[]): void {
    for (const one of addresses)
      if (one.isOurs && !this.vips.get(one.address))
        this.vips.adopt(one.address, one.interface, one.leftSeconds);
  }

  private refuse(
    { vips, prefixes }: WantedAnnouncements,
    interfaces: ReadonlySet<string>,
    addresses: readonly KernelAddress[],
  ): void {
    this.refusals.clear();
    const pools = new PoolPrefixes(prefixes);
    for (const { address, interface: device } of vips) {
      const other = addresses.find((one) => one.address === address && !one.isOurs);
      const why = !pools.holds(address)
        ? `${address} is in no VIP pool`
        : other
          ? `${other.interface} has ${address} already, which is not of this announcer: take it away`
          : !interfaces.has(device)
            ? `there is no interface ${device} on this node`
            : this.news.lack(address);
      if (why !== undefined) this.refusals.set(address, { code: 'announce-refused', message: why });
    }
  }

  private standing(): readonly StandingVip[] {
    const nowMs = uptimeMs();
    return this.wanted.map(({ address }) => {
      const error = this.refusals.get(address);
      if (error) return { address, state: 'refused', error };
      const vip = this.vips.get(address);
      const isPermitted = vip !== undefined && this.vips.permit(vip, nowMs) !== undefined;
      if (isPermitted && this.turns.has(address)) return { address, state: 'announced' };
      return { address, state: 'standby', why: this.whyNot(address, isPermitted) };
    });
  }

  private whyNot(address: string, isPermitted: boolean): string {
    if (isPermitted) {
      const failure = this.turns.failure;
      return failure
        ? `its address cannot be set: ${errorBody(failure).message}`
        : 'its address is being set';
    }
    if (!this.leaders.isUp) return 'NATS is away, and with it the lease by which one node has the VIP';
    if (!this.leaders.reading) return 'the bucket LEADERS is not there yet, which says who has the VIP';
    const vip = this.vips.get(address);
    const leader = vip && leaderOf(vip.state, uptimeMs());
    return leader === undefined
      ? 'no node has its lease: this one takes it in its turn'
      : `node ${leader} leads it`;
  }

  /** Something came in, or was due. */
  private turned(): void {
    this.turns.wake(() => this.tell());
    this.tell();
  }

  private tell(): void {
    const now = JSON.stringify(this.standing());
    if (now === this.told) return;
    this.told = now;
    for (const watcher of this.watchers) watcher();
  }
}
