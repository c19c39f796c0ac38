import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import {
  CodedError,
  type EventPeerSpec,
  FEDERATION_API,
  type FederationSloSpec,
  formatTime,
  goDurationMs,
  SUBJECTS,
} from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import type { GroupFacts, SenderFacts } from '../domain/doctor/federation-facts.js';
import { WINDOW_MS } from '../domain/doctor/federation-facts.js';
import { type Group, OperatorResources } from '../operator-resources.js';
import { type PeerStanding, PeerStandings } from '../reads/peer-standings.js';
import { DeliveryFacts } from './delivery-facts.js';

/** How long ingest may take to answer. Milliseconds. */
const ASK_MS = 1000;
const DEFAULT_WINDOW_SECONDS = 300;

interface SendersAnswer {
  readonly groups: readonly {
    readonly group: string;
    readonly senders: readonly { readonly sender: string; readonly skewMs: number }[];
  }[];
}

/** What doctor has to know of the groups of the site. */
@Injectable()
export class GroupFactsReader {
  constructor(
    private readonly bus: Bus,
    private readonly resources: OperatorResources,
    private readonly standings: PeerStandings,
    private readonly deliveries: DeliveryFacts,
    private readonly clock: Clock,
  ) {}

  /** By name. */
  async read(): Promise<GroupFacts[]> {
    const nowMs = this.clock.now();
    const since = formatTime(nowMs - WINDOW_MS);
    const [standings, senders, runs] = await Promise.all([
      this.standings.all(),
      this.senders(),
      this.deliveries.runs(since),
    ]);
    const facts: GroupFacts[] = [];
    for (const group of this.resources.groups()) {
      const peers = standings.filter((peer) => peer.group === group.name);
      facts.push({
        ...this.declared(group),
        ...(await this.deliveries.events(group.name, nowMs)),
        peers: await this.peersOf(peers, nowMs),
        runs: runs.get(group.name) ?? { total: 0, succeeded: 0, failed: 0, pending: 0 },
        senders: sendersOf(group, senders),
      });
    }
    return facts;
  }

  private declared({
    name,
    spec,
  }: Group): Pick<GroupFacts, 'group' | 'nodeName' | 'slo' | 'hasMembers' | 'listens'> {
    const slo = this.resources
      .all(FEDERATION_API, 'FederationSLO')
      .map((one) => one.spec as unknown as FederationSloSpec)
      .find(({ groupRef }) => groupRef === name);
    const declared = this.resources.peers().some(({ group }) => group === name);
    return {
      group: name,
      nodeName: spec.nodeName,
      ...(slo && { slo }),
      hasMembers: (spec.members ?? []).length > 0 || declared,
      listens: Boolean(spec.listen?.address),
    };
  }

  private async peersOf(peers: readonly PeerStanding[], nowMs: number): Promise<GroupFacts['peers']> {
    const endpoints = new Map(
      this.resources
        .all(FEDERATION_API, 'EventPeer')
        .map(({ metadata, spec }) => [metadata.name, (spec as unknown as EventPeerSpec).endpoint]),
    );
    const facts = [];
    for (const peer of peers)
      facts.push({
        peer: peer.name,
        nodeName: peer.nodeName,
        endpoint: endpoints.get(peer.name) ?? '',
        ...(await this.deliveries.ofPeer(peer, nowMs)),
        ...(peer.error && { error: peer.error.message }),
        ...(peer.skewMs !== undefined && { skewSeconds: peer.skewMs / 1000 }),
      });
    return facts;
  }

  private async senders(): Promise<SendersAnswer | undefined> {
    try {
      return await this.bus.ask<SendersAnswer>(SUBJECTS.ask('ingest', 'senders'), {}, ASK_MS);
    } catch (error) {
      if (error instanceof CodedError) return undefined;
      throw error;
    }
  }
}

function sendersOf({ name, spec }: Group, answer: SendersAnswer | undefined): SenderFacts[] {
  const window = spec.replayWindow === undefined ? 0 : goDurationMs(spec.replayWindow);
  const windowSeconds = window > 0 ? window / 1000 : DEFAULT_WINDOW_SECONDS;
  const senders = answer?.groups.find(({ group }) => group === name)?.senders ?? [];
  return senders.map(({ sender, skewMs }) => ({ sender, skewSeconds: skewMs / 1000, windowSeconds }));
}
