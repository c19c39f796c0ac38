import { Inject, Injectable } from '@nestjs/common';
import type { Alarm } from '@signalbox/contracts';
import { DeliveryHistory } from './delivery-history.js';
import { peerAlarms } from './domain/peer-alarms.js';
import { planDurable } from './domain/peer-durable.js';
import type { WantedPeer } from './domain/wanted-peer.js';
import { LANE_PARTS, type LaneParts } from './lane-parts.js';
import { PeerConsumers, type PeerProgress } from './peer-consumers.js';
import { type LaneCondition, PeerLane } from './peer-lane.js';
import { SecretBook } from './secret-book.js';

/** The lanes to all peers, kept in line with what is declared. */
@Injectable()
export class PeerLanes {
  /** By durable. */
  private readonly lanes = new Map<string, PeerLane>();
  private readonly secrets = new SecretBook(() => this.passSecrets());
  private queue: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly consumers: PeerConsumers,
    private readonly history: DeliveryHistory,
    @Inject(LANE_PARTS) private readonly parts: LaneParts,
  ) {}

  /** The lane that a durable's messages go through, undefined while it closes. */
  laneOf(durable: string): PeerLane | undefined {
    return this.lanes.get(durable);
  }

  /** How deliveries stand, by group and peer. */
  conditions(): LaneCondition[] {
    const text = ({ group, peer }: LaneCondition): string => `${group} ${peer}`;
    return [...this.lanes.values()]
      .map((lane) => lane.condition)
      .sort((a, b) => (text(a) < text(b) ? -1 : 1));
  }

  /** The same with how far each peer has got, as the server knows it. */
  async progress(): Promise<(LaneCondition & PeerProgress)[]> {
    const lanes = [...this.lanes.values()].map(async ({ condition, peer: { group, durable } }) => ({
      ...condition,
      ...(await this.consumers.progress(group, durable)),
    }));
    return Promise.all(lanes);
  }

  /** Deliveries that are remembered, of the peer where most are. */
  get mostRecent(): number {
    return Math.max(0, ...[...this.lanes.values()].map(({ recentDeliveries }) => recentDeliveries));
  }

  /** Facts in work, of the peer where most are. */
  get mostInWork(): number {
    return Math.max(0, ...[...this.lanes.values()].map(({ condition }) => condition.inWork));
  }

  /** What is wrong now. */
  alarms(): Alarm[] {
    return peerAlarms(this.conditions(), this.parts.clock.now());
  }

  /**
   * Opens, changes and closes lanes; calls are handled one after the other. Peers that cannot be opened do not stop
   * the others; then it throws the first error and may be called again with the same peers.
   */
  apply(peers: readonly WantedPeer[]): Promise<void> {
    return this.inTurn(() => this.reconcile(peers));
  }

  /** Removes durables that no open lane uses, also those of groups that are gone. */
  sweep(): Promise<void> {
    return this.inTurn(() => this.consumers.sweep(new Set(this.lanes.keys())));
  }

  /** Closes all lanes; their durables keep their places. */
  stop(): Promise<void> {
    return this.inTurn(async () => {
      await this.secrets.use(new Set());
      await Promise.all([...this.lanes.values()].map((lane) => this.close(lane)));
    });
  }

  private async reconcile(peers: readonly WantedPeer[]): Promise<void> {
    await this.secrets.use(new Set(peers.flatMap(({ secretFile }) => secretFile ?? [])));
    const stays = new Map<PeerLane, WantedPeer>();
    const goes: PeerLane[] = [];
    for (const lane of this.lanes.values()) {
      const peer = peers.find(({ group, name }) => group === lane.peer.group && name === lane.peer.name);
      if (peer && planDurable(peer, [lane.peer.durable]).durable === lane.peer.durable) stays.set(lane, peer);
      else goes.push(lane);
    }
    await Promise.all(goes.map((lane) => this.close(lane)));
    for (const [lane, peer] of stays) this.refresh(lane, peer);
    const kept = new Set(stays.values());
    const added = peers.filter((peer) => !kept.has(peer));
    const replaced = new Set(added.map(({ group, name }) => `${group} ${name}`));
    const gone = goes.filter(({ peer }) => !replaced.has(`${peer.group} ${peer.name}`));
    const results = await Promise.allSettled([
      ...added.map((peer) => this.open(peer)),
      ...gone.map(({ peer }) => this.consumers.remove(peer.group, peer.durable)),
    ]);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  /** The new durable exists before an old one goes, so that a crash in between forgets nothing. */
  private async open(peer: WantedPeer): Promise<void> {
    const { group, name } = peer;
    const { floors, lastSeq } = await this.consumers.survey(group);
    const { durable, obsolete, skipDelivered } = planDurable(peer, [...floors.keys()]);
    await this.consumers.create(group, durable);
    const { delivered, attempts } = skipDelivered
      ? await this.history.of(group, name, floors.get(durable) ?? 0, lastSeq)
      : this.history.none();
    const lane = new PeerLane(this.parts, { ...peer, durable }, delivered, attempts);
    this.refresh(lane, peer);
    this.lanes.set(durable, lane);
    await this.consumers.bind(group, durable);
    await Promise.all(obsolete.map((one) => this.consumers.remove(group, one)));
    this.parts.log.info(
      { group, peer: name, durable, seq: floors.get(durable) ?? 0 },
      'delivering to a peer',
    );
  }

  private async close(lane: PeerLane): Promise<void> {
    this.lanes.delete(lane.peer.durable);
    const closed = lane.close();
    await this.consumers.unbind(lane.peer.durable);
    await closed;
  }

  private refresh(lane: PeerLane, peer: WantedPeer): void {
    lane.update({ ...peer, durable: lane.peer.durable }, this.secrets.secretOf(peer.secretFile));
  }

  private passSecrets(): void {
    for (const lane of this.lanes.values()) this.refresh(lane, lane.peer);
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.queue.then(work);
    this.queue = turn.catch(() => undefined);
    return turn;
  }
}
