import { addressKey } from '../../address-order.js';
import { parseDuration } from '../../duration.js';
import type { NodeDriver } from '../../node-state/node-manifest.js';
import type { NodeVpp } from '../../node-state/node-vpp.js';
import { readScopedName, type Resource, scopedName } from '../../resource.js';
import { specOf } from '../spec-of.js';
import { NODE_DEFAULTS } from './node.js';
import type { ListenMapEntry, NodeSpec, VppDataPlaneSpec } from './specs.js';
import { VPP_DATA_PLANE_DEFAULTS } from './vpp-data-plane.js';

/** Name of the node that a site has without declaring one. ADR 0023. */
export const LOCAL_NODE = 'local';

/** Name of the node whose settings a VppDataPlane is. */
export const VPP_NODE = 'vpp';

/** A node with its defaults filled in. Durations in milliseconds. */
export interface NodeSettings {
  readonly name: string;
  readonly driver: NodeDriver;
  /** Absent: it is in none. */
  readonly groups?: ReadonlySet<string>;
  readonly zone?: string;
  readonly routerId?: string;
  /** Of the driver `vpp`, when there is a VppDataPlane. */
  readonly vpp?: NodeVpp;
  /** Scoped names of what it serves; absent: everything. */
  readonly listeners?: ReadonlySet<string>;
  /** By {@link vipKey}. */
  readonly listenMap: ReadonlyMap<string, ListenMapEntry>;
  readonly syncIntervalMs: number;
  readonly startupMinDelayMs: number;
  readonly startupMaxDelayMs: number;
  readonly flowTimeoutMs: number;
}

/**
 * The nodes of a site, sorted by name: those that are declared; `vpp` of a VppDataPlane, unless a Node has that name; and
 * `local` with the driver `sim` when no Node is declared. ADR 0023.
 */
export function nodesOf(
  nodes: readonly Resource[],
  vppDataPlane: Resource | undefined,
): readonly NodeSettings[] {
  const specs = new Map(nodes.map((node) => [node.metadata.name, specOf<NodeSpec>(node)]));
  if (specs.size === 0) specs.set(LOCAL_NODE, { driver: 'sim' });
  if (vppDataPlane && !specs.has(VPP_NODE))
    specs.set(VPP_NODE, vppNode(specOf<VppDataPlaneSpec>(vppDataPlane)));
  return [...specs]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, spec]): NodeSettings => settingsOf(name, spec, vppDataPlane));
}

/** Whether something is for a node: for all nodes, or for one of the groups that it is in. */
export function isInGroups({ groups }: Pick<NodeSettings, 'groups'>, wanted?: readonly string[]): boolean {
  return wanted === undefined || wanted.some((group) => groups?.has(group));
}

/** The Node that a VppDataPlane describes. */
export function vppNode(spec: VppDataPlaneSpec): NodeSpec {
  const { syncInterval, startupMinDelay, startupMaxDelay, flowTimeout } = { ...NODE_DEFAULTS, ...spec };
  return { driver: 'vpp', syncInterval, startupMinDelay, startupMaxDelay, flowTimeout };
}

function settingsOf(name: string, spec: NodeSpec, vppDataPlane: Resource | undefined): NodeSettings {
  const { driver, groups = [], zone, routerId } = spec;
  const { syncInterval, startupMinDelay, startupMaxDelay, flowTimeout } = { ...NODE_DEFAULTS, ...spec };
  return {
    name,
    driver,
    ...(groups.length > 0 && { groups: new Set(groups) }),
    ...(zone !== undefined && { zone }),
    ...(routerId !== undefined && { routerId }),
    ...(driver === 'vpp' && vppDataPlane && { vpp: vppOf(vppDataPlane, wholeMs(flowTimeout)) }),
    ...(spec.listeners && { listeners: new Set(spec.listeners.map(oneSpelling)) }),
    listenMap: new Map((spec.listenMap ?? []).map((entry) => [vipKey(entry.vip, entry.port), entry])),
    syncIntervalMs: wholeMs(syncInterval),
    startupMinDelayMs: wholeMs(startupMinDelay),
    startupMaxDelayMs: wholeMs(startupMaxDelay),
    flowTimeoutMs: wholeMs(flowTimeout),
  };
}

/** Flows are remembered as the node says, in seconds as VPP counts them. Reference maglev 2.4. */
function vppOf(vppDataPlane: Resource, flowTimeoutMs: number): NodeVpp {
  const { ipv4SrcAddress, ipv6SrcAddress, stickyBucketsPerCore } = {
    ...VPP_DATA_PLANE_DEFAULTS,
    ...specOf<VppDataPlaneSpec>(vppDataPlane),
  };
  const flowTimeoutSeconds = Math.ceil(flowTimeoutMs / 1000);
  return { ipv4SrcAddress, ipv6SrcAddress, stickyBucketsPerCore, flowTimeoutSeconds };
}

/** Where an entry of a `listenMap` stands: for one port of a VIP, or without it for all that have none of their own. */
export function vipKey(vip: string, port?: number): string {
  return `${addressKey(vip)} ${port ?? ''}`;
}

/** `default/web` is `web`. */
function oneSpelling(listener: string): string {
  const { project, name } = readScopedName(listener);
  return scopedName(project, name);
}

function wholeMs(duration: string): number {
  return Math.round(parseDuration(duration));
}
