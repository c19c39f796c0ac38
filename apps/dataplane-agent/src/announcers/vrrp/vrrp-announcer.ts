import type { Deadline } from '../../drivers/driver.js';
import type {
  AnnounceResult,
  PeerSession,
  StandingVip,
  VipAnnouncer,
  WantedAnnouncements,
} from '../announcer.js';
import { EventPipe } from './event-pipe.js';
import { Guard } from './guard.js';
import { Keepalived } from './keepalived.js';
import type { KeepalivedState } from './keepalived-dump.js';
import { keepalivedText } from './keepalived-text.js';
import { readInterfaces } from './node-interfaces.js';
import { seeksLeader, standingVips } from './standing-vips.js';
import { sortVips } from './vip-refusals.js';
import { routersOf } from './virtual-router.js';
import { announcerTime } from '../announcer-error.js';
import type { OrderTime } from '../../order-time.js';

/** Between two looks for a leader that is not heard yet. Milliseconds. */
const LEADER_LOOK_MS = 1_000;

/** Where what outlives the agent lies, and the programs. */
export interface VrrpSettings {
  /** Absolute; of one node alone. */
  readonly directory: string;
  /** Absent: `keepalived`, where systems have their programs. */
  readonly keepalived?: string;
  /** Absent: `ip`, where systems have their programs. */
  readonly ip?: string;
}

/**
 * VIPs that move between nodes on one segment: one node has them on its interface, the one that keepalived finds by VRRP (RFC 5798). It
 * needs neither NATS nor the agent: keepalived and its guard outlive both.
 */
export class VrrpAnnouncer implements VipAnnouncer {
  readonly method = 'vrrp';
  private readonly ip: string;
  private readonly guard: Guard;
  private readonly keepalived: Keepalived;
  private readonly events: EventPipe;
  private changed: () => void = () => undefined;
  private leaderTimer: NodeJS.Timeout | undefined;

  constructor({ directory, keepalived = 'keepalived', ip = 'ip' }: VrrpSettings) {
    this.ip = ip;
    this.guard = new Guard({ directory, keepalived, ip });
    this.keepalived = new Keepalived(this.guard, keepalived);
    this.events = new EventPipe(
      this.guard.pathOf('events'),
      () => this.changed(),
      () => this.ended(),
    );
    this.events.open();
  }

  async apply(wanted: WantedAnnouncements, deadline: Deadline): Promise<AnnounceResult> {
    const time = announcerTime(deadline);
    const { accepted, refused } = await this.sort(wanted, time);
    const text = keepalivedText(routersOf(accepted), this.guard.pathOf('events'));
    const { state, writes } =
      accepted.length === 0 ? await this.keepalived.end(time) : await this.keepalived.bring(text, time);
    this.events.open();
    this.awaitLeader(state);
    const standing = new Map(standingVips(state).map((one) => [one.address, one]));
    const vips = wanted.vips.map(({ address }): StandingVip => {
      const error = refused.get(address);
      if (error) return { address, state: 'refused', error };
      return standing.get(address) ?? { address, state: 'standby', why: 'keepalived does not name it' };
    });
    return { vips, writes };
  }

  async observe(deadline: Deadline): Promise<readonly StandingVip[]> {
    const state = await this.keepalived.state(announcerTime(deadline));
    this.awaitLeader(state);
    return standingVips(state);
  }

  /** None; rejects as `observe` does. */
  async sessions(deadline: Deadline): Promise<readonly PeerSession[]> {
    await this.keepalived.state(announcerTime(deadline));
    return [];
  }

  onChange(changed: () => void): void {
    this.changed = changed;
  }

  /** keepalived and its guard stay: agents are exchanged while clients are served. */
  close(): Promise<void> {
    this.events.close();
    clearTimeout(this.leaderTimer);
    return Promise.resolve();
  }

  private async sort(wanted: WantedAnnouncements, time: OrderTime): Promise<ReturnType<typeof sortVips>> {
    if (wanted.vips.length === 0) return { accepted: [], refused: new Map() };
    return sortVips(wanted, await readInterfaces(this.ip, this.guard.read('removal') ?? '', time));
  }

  /** One that leads is heard within a few advertisements, or this node leads. */
  private awaitLeader(state: KeepalivedState | undefined): void {
    clearTimeout(this.leaderTimer);
    if (seeksLeader(state)) this.leaderTimer = setTimeout(() => this.changed(), LEADER_LOOK_MS).unref();
  }

  /** A guard that was killed with all that it guards has left addresses: the next one takes them away. */
  private ended(): void {
    if (this.keepalived.isWanted && !this.guard.isAlive) this.guard.start();
    this.changed();
  }
}
