import type { Deadline } from '../../drivers/driver.js';
import type {
  AnnounceResult,
  PeerSession,
  StandingVip,
  VipAnnouncer,
  WantedAnnouncements,
} from '../announcer.js';
import { type BgpPeers, readPeers } from '../bgp/bgp-peers.js';
import { type BgpRoute, readRoutes, standingVips } from '../bgp/bgp-routes.js';
import { GobgpClient } from './gobgp-client.js';
import { gobgpPeerLack } from './gobgp-peer.js';
import { bringPeers } from './gobgp-peers.js';
import { policiesOf } from './gobgp-policy.js';
import { addRequest, deleteRequest, planTurn } from './gobgp-turn.js';
import { hasPolicies, setPolicies, tellAgain } from './gobgp-policies.js';
import { gobgpSessions, type GobgpGlobal, ourPeers, standingPaths, standingRoutes } from './gobgp-state.js';
import { GobgpWatch } from './gobgp-watch.js';
import { OwnAddresses } from './own-addresses.js';
import { announcerTime, refused } from '../announcer-error.js';
import type { OrderTime } from '../../order-time.js';

/** Where gobgpd takes orders by itself. */
export const GOBGP_ADDRESS = '127.0.0.1:50051';

/**
 * Announces by a gobgpd that the operator runs for this alone. It keeps nothing: one that starts is told of all anew, so its VIPs
 * are away until then.
 */
export class GobgpAnnouncer implements VipAnnouncer {
  readonly method = 'gobgp';
  private readonly client: GobgpClient;
  private readonly watch: GobgpWatch;
  /** Of the last apply. */
  private peers: BgpPeers = { usable: [], lacks: new Map() };

  /** `address`: `host:port`, or `unix:/path`. */
  constructor(address: string) {
    this.client = new GobgpClient(address);
    this.watch = new GobgpWatch(this.client);
  }

  async apply(wanted: WantedAnnouncements, deadline: Deadline): Promise<AnnounceResult> {
    const time = announcerTime(deadline);
    const peers = await readPeers(wanted.peers, gobgpPeerLack);
    const { routes, refused: refusals } = readRoutes(wanted, peers);
    this.watch.start();
    const isRunning = await this.start(wanted, peers, time);
    const writes = isRunning ? await this.bring(wanted, peers, routes, time) : 0;
    this.peers = peers;
    const standing = await standingRoutes(this.client, time);
    return { vips: standingVips(wanted.vips, refusals, standing), writes };
  }

  observe(deadline: Deadline): Promise<readonly StandingVip[]> {
    return standingRoutes(this.client, announcerTime(deadline));
  }

  async sessions(deadline: Deadline): Promise<readonly PeerSession[]> {
    return gobgpSessions(await ourPeers(this.client, announcerTime(deadline)), this.peers);
  }

  onChange(changed: () => void): void {
    this.watch.onChange(changed);
  }

  close(): Promise<void> {
    this.watch.stop();
    this.client.close();
    return Promise.resolve();
  }

  /** Starts BGP in a gobgpd that was given no configuration; false: nobody wants it started. */
  private async start(wanted: WantedAnnouncements, { usable }: BgpPeers, time: OrderTime): Promise<boolean> {
    const { global } = await this.client.call<GobgpGlobal>('GetBgp', {}, time);
    if (global?.asn) return true;
    const [first] = usable;
    if (!first) return false;
    const routerId = wanted.routerId ?? new OwnAddresses().first;
    if (routerId === undefined)
      throw refused('gobgpd needs a router ID, and the node has no address of IPv4');
    await this.client.call('StartBgp', { global: { asn: first.localAsn, routerId } }, time);
    return true;
  }

  /** What leaves is withdrawn first, under the policies by which it was told. Returns how many changes that were. */
  private async bring(
    { prefixes }: WantedAnnouncements,
    peers: BgpPeers,
    routes: readonly BgpRoute[],
    time: OrderTime,
  ): Promise<number> {
    const { client } = this;
    const policies = policiesOf({
      ...{ prefixes, routes, peers: peers.usable },
      otherHops: new OwnAddresses().otherHops(peers.usable),
    });
    const isDecided = await hasPolicies(client, policies.digest, time);
    const standing = await standingPaths(client, time);
    const turn = planTurn(standing, routes, isDecided ? [] : await standingRoutes(client, time));
    await Promise.all(turn.withdrawn.map((path) => client.call('DeletePath', deleteRequest(path), time)));
    if (!isDecided) await setPolicies(client, policies, time);
    const changes = await bringPeers(client, peers.usable, time);
    await Promise.all(turn.announced.map((path) => client.call('AddPath', addRequest(path), time)));
    // what stays is told anew to whom the policies before kept it from
    if (turn.isToldAgain) await tellAgain(client, time);
    return turn.withdrawn.length + (isDecided ? 0 : 1) + changes + turn.announced.length;
  }
}
