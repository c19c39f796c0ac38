import {
  type FrontendState,
  type ListenerParts,
  listenerModel,
  type ListenerPlacement,
  type ListenerSpec,
  type NodeDriver,
  type NodePolicy,
  type NodeRunState,
  type NodeTls,
  type PoolSpec,
  readScopedName,
  type Resource,
  specOf,
  toldProject,
  type Vip,
  type WeightRule,
  type BackendState,
} from '@signalbox/contracts';
import { type NodeListenerRow, type NodeRow, reportOfRow } from '@signalbox/store';
import {
  isCurrent,
  type Operating,
  operatingOf,
  type Placement,
  type Provisioning,
  provisioningOf,
  type ServingNode,
  tablesAgree,
} from '../domain/listener-status.js';
import { poolView } from './frontend-view.js';
import type { PoolDto } from './frontends.dto.js';
import type { ListenerRow } from './listener-rows.js';
import type { ListenerDto, ListenerNodeDto, ListenerStatusDto, ListenerTlsDto } from './listeners.dto.js';
import type { ListenerPolicyDto } from './listener-policies.dto.js';
import { originOf } from './origin.js';
import type { TargetViewRow } from './target-rows.js';

/** Everything that one listener is told by. */
export interface ListenerSources {
  readonly row: ListenerRow;
  readonly parts: ListenerParts;
  readonly targets: readonly TargetViewRow[];
  /** By node. */
  readonly reports: readonly NodeListenerRow[];
  /** Those of them that reported, by name. */
  readonly nodes: ReadonlyMap<string, NodeRow>;
  /** Undefined: nobody says. */
  readonly placement: ListenerPlacement | undefined;
  /** Where it is, when a claim says so. */
  readonly vip: Vip | undefined;
  readonly nowMs: number;
}

/** A listener with its pools in order of preference, its nodes, and how all of that stands. */
export function listenerView(sources: ListenerSources): ListenerDto {
  const { row, parts, targets, vip } = sources;
  const model = listenerModel(parts, () => [], vip);
  const { policyPools = [] } = model;
  const nodes = nodesOf(sources);
  const agree = tablesAgree(nodes);
  const isServed = nodes.some(({ report }) => report?.listensAt !== undefined);
  return {
    name: readScopedName(row.name).name,
    ...toldProject(row.name),
    declaredBy: model.kind,
    loadBalancer: readScopedName(model.loadBalancer).name,
    description: specOf<Partial<ListenerSpec>>(parts.listener).description ?? '',
    ...(model.address !== undefined && { address: model.address }),
    protocol: model.protocol ?? 'any',
    port: model.port,
    enabled: model.enabled,
    algorithm: model.algorithm,
    ...(model.forwarding !== undefined && { forwarding: model.forwarding }),
    ...(model.connectionLimit !== undefined && { connectionLimit: model.connectionLimit }),
    ...(model.tls && { tls: tlsView(model.tls) }),
    ...(model.insertHeaders && { insertHeaders: model.insertHeaders }),
    ...(model.policies && { policies: model.policies.map(policyView) }),
    ...(model.proxyProtocol !== undefined && { proxyProtocol: model.proxyProtocol }),
    ...statusOf(
      provisioningOf(placementOf(sources, nodes)),
      operatingOf({
        enabled: model.enabled,
        isServed,
        activePool: row.active_pool,
        policyPools: policyPools.map(({ name }) => name),
        targets: targets.map(statusTarget),
      }),
    ),
    state: row.state as FrontendState,
    since: row.since,
    activePool: row.active_pool,
    pools: parts.pools.map(({ name, resource }) => viewOf(name, resource, sources)),
    ...(policyPools.length > 0 && {
      policyPools: policyPools.map(({ name, algorithm }) => {
        const policy = parts.policies?.find(({ pool }) => pool?.metadata.name === name);
        return { algorithm, ...viewOf(name, policy?.pool, sources) };
      }),
    }),
    nodes: nodes.map((node) => nodeView(node, sources)),
    ...(agree !== undefined && { digestsAgree: agree }),
    origin: originOf(row),
  };
}

function viewOf(name: string, pool: Resource | undefined, { targets, nowMs }: ListenerSources): PoolDto {
  const { backends } = pool ? specOf<PoolSpec>(pool) : {};
  return poolView({ name, ...(backends && { backends }) }, targets, nowMs);
}

function tlsView({ certificates, ...rest }: NodeTls): ListenerTlsDto {
  return { certificates: certificates.map(({ name }) => readScopedName(name).name), ...rest };
}

function policyView({ name, ...policy }: NodePolicy): ListenerPolicyDto {
  return { name: readScopedName(name).name, ...policy };
}

/** Both statuses as an answer has them. */
export function statusOf(
  provisioning: Provisioning,
  operating: Operating,
): Omit<ListenerStatusDto, 'name' | 'protocol' | 'port'> {
  return {
    provisioningStatus: provisioning.status,
    ...(provisioning.reason !== undefined && { provisioningReason: provisioning.reason }),
    operatingStatus: operating.status,
    ...(operating.reason !== undefined && { operatingReason: operating.reason }),
  };
}

/** A node as far as its answer goes. */
type ToldNode = ServingNode & { readonly report?: ReturnType<typeof reportOfRow> };

/** Nodes that shall serve the listener or say something of it, by name. */
function nodesOf({ placement, reports, nodes }: ListenerSources): ToldNode[] {
  const placed = new Map(placement?.nodes.map((node) => [node.node, node]));
  const reported = new Map(reports.map((row) => [row.node, row]));
  return [...new Set([...placed.keys(), ...reported.keys()])].sort().map((node): ToldNode => {
    const told = placed.get(node);
    const row = reported.get(node);
    const state = nodes.get(node)?.state as NodeRunState | undefined;
    return {
      node,
      ...(told?.digest !== undefined && { wanted: told.digest }),
      ...(told?.waits !== undefined && { waits: told.waits }),
      ...(state !== undefined && { state }),
      ...(row && { report: reportOfRow(row) }),
    };
  });
}

function placementOf({ placement }: ListenerSources, nodes: readonly ServingNode[]): Placement {
  if (!placement) return undefined;
  if (placement.unplaced !== undefined) return { unplaced: placement.unplaced };
  return { nodes: nodes.filter(({ node }) => placement.nodes.some((placed) => placed.node === node)) };
}

function nodeView(node: ToldNode, { placement, reports, nodes }: ListenerSources): ListenerNodeDto {
  const row = reports.find((one) => one.node === node.node);
  const placed = placement?.nodes.find((one) => one.node === node.node);
  const driver = placed?.driver ?? (nodes.get(node.node)?.driver as NodeDriver | undefined);
  const { name: _name, state = 'missing' as const, ...report } = node.report ?? { name: undefined };
  return {
    node: node.node,
    ...(driver !== undefined && { driver }),
    state,
    current: isCurrent(node),
    ...(node.waits !== undefined && { waits: node.waits }),
    ...report,
    ...(row && { at: row.at }),
  };
}

function statusTarget({
  pool,
  backend,
  backend_state: state,
  effective,
  rule,
  backend_check,
}: TargetViewRow) {
  return {
    pool,
    name: readScopedName(backend).name,
    state: (state ?? 'missing') as BackendState | 'missing',
    effective,
    rule: rule as WeightRule,
    isChecked: backend_check !== null,
  };
}
