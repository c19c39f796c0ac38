import {
  type Capabilities,
  type NodeDriver,
  type NodeRecord,
  type NodeRunState,
  type Resource,
} from '@signalbox/contracts';
import { type NodeListenerRow, reportOfRow } from '@signalbox/store';
import type { NodeDto, NodeItemDto, NodeListenerDto, ServingNodeDto } from './nodes.dto.js';
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
}

/** A node that never reported is `missing`, with the driver that is declared. */
export function nodeItem(row: NodeViewRow): NodeItemDto {
  const { name, body, refused } = row;
  const origin = body === null ? {} : { origin: originOf(row) };
  const { version, since, at, error, epoch, applied_generation: generation } = row;
  if (version === null || since === null || at === null)
    return { name, ...declaredDriver(body), state: 'missing', refused, ...origin };
  return {
    name,
    driver: row.driver as NodeDriver,
    state: row.state as NodeRunState,
    ...{ since, at, version },
    ...(error !== null && { error: JSON.parse(error) as NonNullable<NodeRecord['error']> }),
    ...(epoch !== null && { epoch }),
    ...(generation !== null && { appliedGeneration: generation }),
    ...{ refused, ...origin },
  };
}

/** The same with its listeners. */
export function nodeView(row: NodeViewRow, listeners: readonly NodeListenerRow[]): NodeDto {
  const { capabilities } = row;
  return {
    ...nodeItem(row),
    ...(capabilities !== null && { capabilities: JSON.parse(capabilities) as Capabilities }),
    listeners: listeners.map(nodeListener),
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

function declaredDriver(body: string | null): { driver?: NodeDriver } {
  if (body === null) return {};
  const { driver } = (JSON.parse(body) as Resource).spec as { driver?: NodeDriver };
  return driver === undefined ? {} : { driver };
}
