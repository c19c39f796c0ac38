import { Injectable } from '@nestjs/common';
import { type NodeAnnouncements, type Resource, VipPoolIndex, vipPoolModel } from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import { announcementModel } from './domain/announcements/announcement-model.js';
import { peerModel } from './domain/announcements/peer-model.js';
import { type AnnounceInputs, planAnnouncements } from './domain/announcements/plan-announcements.js';
import type { WantedVip } from './domain/announcements/unannounced-alarms.js';
import type { ResourceSource } from './listener-models.js';
import { NodeDrains } from './node-drains.js';
import { NodeStates } from './node-states.js';

/** Kinds that announcements follow from, beside listeners and nodes. */
export const ANNOUNCE_KINDS: readonly string[] = ['Announcement', 'BfdProfile', 'BgpPeer', 'VipPool'];

/** Of a node that an operator drained and that has nothing to announce anyway. */
const NOTHING: NodeAnnouncements = { prefixes: [], peers: [], vips: [] };

/** What nodes shall announce: made anew for all of them when somebody asks after something changed. */
@Injectable()
export class NodeVips {
  private config: Pick<AnnounceInputs, 'announcements' | 'peers' | 'pools'> = {
    announcements: [],
    peers: [],
    pools: new VipPoolIndex([]),
  };
  private plan: ReadonlyMap<string, NodeAnnouncements> | undefined;
  /** By address. */
  private vips: ReadonlyMap<string, WantedVip> = new Map();

  constructor(
    private readonly states: NodeStates,
    private readonly drains: NodeDrains,
    private readonly clock: Clock,
  ) {}

  /** Takes over the config as it is now. */
  take(source: ResourceSource): void {
    const profiles = new Map(source.all('BfdProfile').map((one) => [one.metadata.name, one]));
    this.config = {
      announcements: byName(source.all('Announcement')).map(announcementModel),
      peers: byName(source.all('BgpPeer')).map((peer) => peerModel(peer, (name) => profiles.get(name))),
      pools: new VipPoolIndex(source.all('VipPool').map(vipPoolModel)),
    };
    this.forget();
  }

  /** Stores no drain any more. */
  stop(): void {
    this.drains.stop();
  }

  /** Something changed that announcements follow from. */
  forget(): void {
    this.plan = undefined;
  }

  /** What a node shall announce; undefined: nothing, and nobody has to be told. */
  of(node: string): NodeAnnouncements | undefined {
    const found = this.planned.get(node);
    return this.drains.of(node) ? { drained: true, ...(found ?? NOTHING) } : found;
  }

  /** VIPs that some node is told to announce. */
  get wanted(): Iterable<WantedVip> {
    return this.planned.size > 0 ? this.vips.values() : [];
  }

  private get planned(): ReadonlyMap<string, NodeAnnouncements> {
    if (this.plan) return this.plan;
    const { nodes, models: listeners } = this.states;
    this.plan = planAnnouncements({ ...this.config, nodes, listeners });
    const nowMs = this.clock.now();
    const vips = [...this.plan.values()].flatMap((one) => one.vips);
    this.vips = new Map(
      vips.map(({ address, announcement }): [string, WantedVip] => {
        const sinceMs = this.vips.get(address)?.sinceMs ?? nowMs;
        return [address, { address, announcement, sinceMs }];
      }),
    );
    return this.plan;
  }
}

function byName(resources: readonly Resource[]): Resource[] {
  return [...resources].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}
