import {
  type Capabilities,
  type NodeDriver,
  type NodeRecord,
  type NodeRunState,
  type Resource,
} from '@signalbox/contracts';
import { type NodeListenerRow, type NodeVipRow, reportOfRow, vipReportOfRow } from '@signalbox/store';
import type {
  NodeDto,
  NodeItemDto,
  NodeListenerDto,
  NodeOwnVipDto,
  NodePeerDto,
  ServingNodeDto,
} from './nodes.dto.js';
import { type ConfiguredRow, originOf } from './origin.js';

/** A node as its rows say: what it reported, what is declared of it, or both. */
export interface NodeViewRow extends Omit<ConfiguredRow, 'body'> {
  readonly name: string;
  /** Of its Node resource; null when none is declared. */
  readonly body: string | null;
  readonly version: number | null;
  readonly driver: string | null;
  readonly state: string | null;
  readonly since: string | null;
  readonly at: string | null;
  readonly error: string | null;
  readonly epoch: string | null;
  readonly applied_generation: number | null;
  readonly capabilities: string | null;
  readonly refused: number;
  readonly traffic_digest: string | null;
  readonly drained: boolean | null;
  /** Null, as the next one: no operator drained it. */
  readonly drained_at: string | null;
  readonly drained_by: string | null;
  readonly drained_why: string | null;
  /** Of its routers, as JSON. */
  readonly peers: string | null;
  /** Null: it never reported. */
  readonly vips: number | null;
  readonly announced: number | null;
}

/** A node that never reported is `missing`, with the driver that is declared. */
export function nodeItem(row: NodeViewRow): NodeItemDto {
  const { name, body, refused } = row;
  const vipCounts = { all: row.vips ?? 0, announced: row.announced ?? 0 };
  const peers = peersOf(row);
  const origin = body === null ? {} : { origin: originOf(row) };
  const drain = drainOf(row);
  const { version, since, at, error, epoch, applied_generation: generation } = row;
  if (version === null || since === null || at === null)
    return {
      name,
      ...declaredDriver(body),
      state: 'missing',
      refused,
      vipCounts,
      ...drain,
      ...origin,
    };
  return {
    name,
    driver: row.driver as NodeDriver,
    state: row.state as NodeRunState,
    ...{ since, at, version },
    ...(error !== null && { error: JSON.parse(error) as NonNullable<NodeRecord['error']> }),
    ...(epoch !== null && { epoch }),
    ...(generation !== null && { appliedGeneration: generation }),
    ...(row.traffic_digest !== null && { trafficDigest: row.traffic_digest }),
    ...(row.drained === true && { drained: true }),
    ...drain,
    refused,
    vipCounts,
    ...(peers.length > 0 && {
      peerCounts: { all: peers.length, up: peers.filter(({ state }) => state === 'up').length },
    }),
    ...origin,
  };
}

function drainOf({
  drained_at: since,
  drained_by: author,
  drained_why: reason,
}: NodeViewRow): Pick<NodeItemDto, 'drain'> {
  if (since === null || author === null) return {};
  return { drain: { author, since, ...(reason !== null && { reason }) } };
}

/** The same with its listeners. */
export function nodeView(
  row: NodeViewRow,
  listeners: readonly NodeListenerRow[],
  vips: readonly NodeVipRow[],
): NodeDto {
  const { capabilities } = row;
  return {
    ...nodeItem(row),
    ...(capabilities !== null && { capabilities: JSON.parse(capabilities) as Capabilities }),
    listeners: listeners.map(nodeListener),
    vips: vips.map((one): NodeOwnVipDto => vipReportOfRow(one)),
    peers: peersOf(row),
  };
}

/** What one node says of a listener, for who looks at the listener. */
export function servingNode(row: NodeListenerRow): ServingNodeDto {
  const { name: _name, ...report } = reportOfRow(row);
  return { node: row.node, ...report, at: row.at };
}

function nodeListener(row: NodeListenerRow): NodeListenerDto {
  const { name, ...report } = reportOfRow(row);
  return { listener: name, ...report, at: row.at };
}

function peersOf({ peers }: NodeViewRow): NodePeerDto[] {
  return peers === null ? [] : (JSON.parse(peers) as NodePeerDto[]);
}

function declaredDriver(body: string | null): { driver?: NodeDriver } {
  if (body === null) return {};
  const { driver } = (JSON.parse(body) as Resource).spec as { driver?: NodeDriver };
  return driver === undefined ? {} : { driver };
}
