import type {
  AnnounceMethod,
  ErrorBody,
  NodeAnnouncements,
  NodePeerReport,
  NodeVip,
  VipState,
} from '@signalbox/contracts';
import type { Deadline } from '../drivers/driver.js';

/** What an announcer shall announce: of its method alone, and only what the node is ready for. */
export interface WantedAnnouncements extends Pick<NodeAnnouncements, 'routerId' | 'prefixes' | 'peers'> {
  readonly node: string;
  /** In the order of addresses. */
  readonly vips: readonly NodeVip[];
}

/** How one VIP stands. */
export interface StandingVip {
  readonly address: string;
  readonly state: Extract<VipState, 'announced' | 'standby' | 'refused'>;
  /** Peers that have it, over a session that is up; of BGP. */
  readonly to?: readonly string[];
  /** Why another node leads it. */
  readonly why?: string;
  /** Of `refused`. */
  readonly error?: ErrorBody;
}

/** What an `apply` did. */
export interface AnnounceResult {
  /** One entry for each wanted VIP, in its order. */
  readonly vips: readonly StandingVip[];
  /** How many changes were made; 0: it was as wanted. */
  readonly writes: number;
}

/** How a session with a router is, without since when. */
export type PeerSession = Omit<NodePeerReport, 'since'>;

/**
 * Brings VIPs onto the network, by one method. It knows nothing of listeners, targets or health: whoever calls it names the VIPs that the
 * node is ready for. One contract suite holds for all of them. Reference load-balancing section 7, ADR 0042.
 */
export interface VipAnnouncer {
  readonly method: AnnounceMethod;

  /**
   * Makes what is announced exactly this: what is not named is withdrawn, first of all. Doing it again changes nothing and writes nothing. A
   * VIP that cannot be announced is refused on its own; a whole that is refused (`announce-refused`) leaves what was announced before as it
   * was. Resolves when the daemon or the kernel has taken it. Rejects with `announcer-unavailable` when it cannot be reached.
   */
  apply(wanted: WantedAnnouncements, deadline: Deadline): Promise<AnnounceResult>;

  /**
   * What stands now, read back from the daemon or the kernel, in the order of addresses: VIPs that are announced or on standby, also those
   * that somebody else left there under our name. Rejects with `announcer-unavailable`.
   */
  observe(deadline: Deadline): Promise<readonly StandingVip[]>;

  /** The routers that it speaks to, sorted by name; empty for methods without. Rejects with `announcer-unavailable`. */
  sessions(deadline: Deadline): Promise<readonly PeerSession[]>;

  /** Calls back whenever something changed that nobody here applied: a session, a leader, the daemon. It is time for a look. */
  onChange(changed: () => void): void;

  /** Ends what this process holds. What is announced by a daemon stays announced, what the kernel has stays there. */
  close(): Promise<void>;
}
