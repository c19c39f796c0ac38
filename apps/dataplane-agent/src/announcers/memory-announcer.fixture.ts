import {
  type AnnounceMethod,
  CodedError,
  compareAddresses,
  type ErrorBody,
  type NodeVip,
} from '@signalbox/contracts';
import type {
  AnnounceResult,
  PeerSession,
  StandingVip,
  VipAnnouncer,
  WantedAnnouncements,
} from './announcer.js';

/** A whole with it is refused. */
export const BAD_ROUTER_ID = '0.0.0.0';

/** What routers, or the wire, have of one node: left when an announcer is closed, as a daemon outlives its agent. */
export class MemoryNetwork {
  readonly standing = new Map<string, NodeVip>();
  /** Names of the routers that were named last. */
  peers: readonly string[] = [];
  /** Routers whose session does not stand. */
  readonly downPeers = new Set<string>();
  /** Who leads a VIP instead of the node, by address. */
  readonly leaders = new Map<string, string>();
  /** Why a VIP is refused, by address. */
  readonly refusals = new Map<string, ErrorBody>();
  isAway = false;
  /** Refuses every whole. */
  refusesAll = false;
  applies = 0;
  /** How many changes each apply made that made any. */
  readonly changes: number[] = [];
  /** Calls that came in and are not answered yet; more than one is a mistake. */
  inWork = 0;
  mostInWork = 0;
  closed = 0;
  private readonly watchers = new Set<() => void>();

  /** `journal`: every change in its order: `announce <address>` or `withdraw <address>`. */
  constructor(readonly journal: string[] = []) {}

  /** Addresses that the network has from the node. */
  get seen(): string[] {
    return [...this.standing.keys()].filter((address) => !this.leaders.has(address)).sort(compareAddresses);
  }

  watch(changed: () => void): void {
    this.watchers.add(changed);
  }

  /** Somebody changed something. */
  changed(): void {
    for (const watcher of this.watchers) watcher();
  }
}

/** An announcer whose network is a table in memory: for tests of what is asked of announcers. */
export class MemoryAnnouncer implements VipAnnouncer {
  private prefixes: readonly string[] = [];

  constructor(
    readonly method: AnnounceMethod,
    private readonly network: MemoryNetwork,
  ) {}

  apply(wanted: WantedAnnouncements): Promise<AnnounceResult> {
    return this.call(() => {
      const { network } = this;
      network.applies += 1;
      if (network.refusesAll || wanted.routerId === BAD_ROUTER_ID)
        throw new CodedError('announce-refused', 'the daemon refuses line 7');
      this.prefixes = wanted.prefixes;
      network.peers = wanted.peers.map(({ name }) => name).sort();
      const accepted = new Map(
        wanted.vips.filter((vip) => !this.refusal(vip)).map((vip) => [vip.address, vip]),
      );
      let writes = 0;
      for (const address of [...network.standing.keys()])
        if (!accepted.has(address)) {
          network.standing.delete(address);
          network.journal.push(`withdraw ${address}`);
          writes += 1;
        }
      for (const [address, vip] of accepted) {
        const stands = network.standing.get(address);
        if (stands && JSON.stringify(stands) === JSON.stringify(vip)) continue;
        network.standing.set(address, vip);
        if (!stands) network.journal.push(`announce ${address}`);
        writes += 1;
      }
      if (writes > 0) network.changes.push(writes);
      return { vips: wanted.vips.map((vip) => this.stands(vip)), writes };
    });
  }

  observe(): Promise<readonly StandingVip[]> {
    return this.call(() => {
      const all = [...this.network.standing.values()].map((vip) => this.stands(vip));
      return all.sort((a, b) => compareAddresses(a.address, b.address));
    });
  }

  sessions(): Promise<readonly PeerSession[]> {
    const { network } = this;
    return this.call(() =>
      network.peers.map((name): PeerSession =>
        network.downPeers.has(name)
          ? { name, state: 'down', bfd: 'down', why: 'Hold timer expired' }
          : { name, state: 'up', bfd: 'up' },
      ),
    );
  }

  onChange(changed: () => void): void {
    this.network.watch(changed);
  }

  close(): Promise<void> {
    this.network.closed += 1;
    return Promise.resolve();
  }

  private stands(vip: NodeVip): StandingVip {
    const { address, route } = vip;
    const error = this.refusal(vip);
    if (error) return { address, state: 'refused', error };
    const leader = this.network.leaders.get(address);
    if (leader !== undefined) return { address, state: 'standby', why: `node ${leader} leads it` };
    const to = route?.peers.filter((name) => !this.network.downPeers.has(name)).sort();
    return { address, state: 'announced', ...(to && { to }) };
  }

  private refusal({ address }: NodeVip): ErrorBody | undefined {
    const isInside = this.prefixes.some((prefix) => address.startsWith(prefix.split('/')[0]!.slice(0, -1)));
    const outside: ErrorBody = { code: 'announce-refused', message: `${address} is in no VIP pool` };
    return isInside ? this.network.refusals.get(address) : outside;
  }

  private async call<T>(work: () => T): Promise<T> {
    const { network } = this;
    network.inWork += 1;
    network.mostInWork = Math.max(network.mostInWork, network.inWork);
    // as long as any real call takes at least
    await new Promise((resolve) => setImmediate(resolve));
    network.inWork -= 1;
    if (network.isAway) throw new CodedError('announcer-unavailable', 'the daemon is away');
    return work();
  }
}
