import type { Deadline } from '../../drivers/driver.js';
import type {
  AnnounceResult,
  PeerSession,
  StandingVip,
  VipAnnouncer,
  WantedAnnouncements,
} from '../announcer.js';
import { type BgpPeers, readPeers } from '../bgp/bgp-peers.js';
import { readRoutes, standingVips } from '../bgp/bgp-routes.js';
import { type Ask, BirdControl } from './bird-control.js';
import { BirdFile } from './bird-file.js';
import { birdPeerLack } from './bird-peer-text.js';
import { hasForeignBfd, loadedDigest, standingAddresses, standingRoutes } from './bird-state.js';
import { birdSessions } from './bird-sessions.js';
import { type BirdText, birdText } from './bird-text.js';
import { BirdWatch } from './bird-watch.js';
import { enableAll, loadText } from './bird-load.js';
import { announcerTime } from '../announcer-error.js';
import type { OrderTime } from '../../order-time.js';

/** Where a BIRD is that somebody else runs. */
export interface BirdPlaces {
  /** The file that its configuration includes. */
  readonly include: string;
  /** Its control socket. */
  readonly socket: string;
}

/** Where `deploy/bird/bird.conf` has them. */
export const BIRD_PLACES: BirdPlaces = {
  include: '/run/signalbox-bird/vips.conf',
  socket: '/run/bird/bird.ctl',
};

/**
 * Announces by a BIRD 2 that the operator runs: writes the file that its configuration includes, and tells it to read that. A BIRD that
 * starts reads it by itself, so nothing is lost with this process, nor with BIRD.
 */
export class BirdAnnouncer implements VipAnnouncer {
  readonly method = 'bird';
  private readonly file: BirdFile;
  private readonly control: BirdControl;
  private readonly watch: BirdWatch;
  /** Of the last apply. */
  private peers: BgpPeers = { usable: [], lacks: new Map() };

  constructor({ include, socket }: BirdPlaces) {
    this.file = new BirdFile(include);
    this.control = new BirdControl(socket);
    this.watch = new BirdWatch(socket);
  }

  async apply(wanted: WantedAnnouncements, deadline: Deadline): Promise<AnnounceResult> {
    const time = announcerTime(deadline);
    const peers = await readPeers(wanted.peers, birdPeerLack);
    const { routes, refused } = readRoutes(wanted, peers);
    const before = await this.file.read();
    const isNothing = wanted.peers.length === 0 && routes.length === 0;
    if (isNothing && before === undefined) return { vips: standingVips(wanted.vips, refused, []), writes: 0 };
    if (isNothing) this.watch.stop();
    else this.watch.start();
    const { routerId, prefixes } = wanted;
    return this.control.talk(time, async (ask) => {
      const text = birdText({
        ...(routerId !== undefined && { routerId }),
        ...{ prefixes, routes, peers: peers.usable },
        bringsBfd: peers.usable.some(({ bfd }) => bfd) && !(await hasForeignBfd(ask)),
      });
      this.peers = peers;
      const writes = await this.bring(ask, text, before, time);
      return { vips: standingVips(wanted.vips, refused, await standingRoutes(ask)), writes };
    });
  }

  observe(deadline: Deadline): Promise<readonly StandingVip[]> {
    return this.control.talk(announcerTime(deadline), standingRoutes);
  }

  sessions(deadline: Deadline): Promise<readonly PeerSession[]> {
    return this.control.talk(announcerTime(deadline), async (ask) => birdSessions(ask, this.peers));
  }

  onChange(changed: () => void): void {
    this.watch.onChange(changed);
  }

  close(): Promise<void> {
    this.watch.stop();
    return Promise.resolve();
  }

  /** Returns how many changes that took: 0 when BIRD has read this text, reads it when it starts, and does what it says. */
  private async bring(
    ask: Ask,
    wish: BirdText,
    before: string | undefined,
    time: OrderTime,
  ): Promise<number> {
    const isRead = before === wish.text && (await loadedDigest(ask)) === wish.digest;
    if (!isRead) await loadText(ask, this.file, wish, before, time);
    const enabled = await enableAll(ask);
    const writes = (isRead ? 0 : 1) + enabled;
    if (await hasRoutes(ask, wish)) return writes;
    // somebody had BIRD read another text under the same digest
    if (writes === 0) await loadText(ask, this.file, wish, wish.text, time);
    while (!(await hasRoutes(ask, wish))) await time.pause('BIRD to have the routes of its file');
    return Math.max(1, writes);
  }
}

async function hasRoutes(ask: Ask, { addresses }: BirdText): Promise<boolean> {
  return (await standingAddresses(ask)).join() === addresses.join();
}
