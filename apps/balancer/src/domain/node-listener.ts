import type {
  FrontendTarget,
  ListenerModel,
  ModelPool,
  NodeListener,
  NodePool,
  NodeSettings,
  PolicyPool,
} from '@signalbox/contracts';
import { desiredTargets } from './desired-state.js';
import { countFlushes, type PlacedTarget } from './flush-count.js';
import { listenAt } from './listen-at.js';

/** What a listener without a port is for. */
const ALL_PORTS = { protocol: 'any', port: 0 } as const;

/** Why no node serves a listener, wherever it is; undefined when nothing speaks against it. */
export function whyNotServed(model: ListenerModel): string | undefined {
  if (!model.enabled) return 'it is not enabled';
  return model.address === undefined ? model.waits : undefined;
}

/** Why nodes of such a driver cannot serve a listener; undefined when nothing speaks against it. Only VPP has VIPs of all ports. */
export function whyNotBy(
  { driver }: Pick<NodeSettings, 'driver'>,
  model: Pick<ListenerModel, 'address' | 'protocol' | 'port'>,
): string | undefined {
  if (driver === 'vpp' || !isAllPorts(model)) return undefined;
  return `it is for all ports of ${model.address}: only a node with the driver vpp can serve it`;
}

/**
 * What a node shall do for a listener; undefined when none can. `targets`: as they were decided, in any order. `before`: what
 * the node was told last. Equal input gives equal output, byte for byte, whatever order the targets come in (R9).
 */
export function nodeListener(
  model: ListenerModel,
  targets: readonly FrontendTarget[],
  node: NodeSettings,
  before: NodeListener | undefined,
): NodeListener | undefined {
  const { name, address, algorithm, tableSize, connectionLimit } = model;
  if (!model.enabled || address === undefined || whyNotBy(node, model) !== undefined) return undefined;
  const { protocol, port } = isAllPorts(model) ? ALL_PORTS : { ...ALL_PORTS, ...model };
  const { forwarding, tls, insertHeaders, policies, policyPools, proxyProtocol } = model;
  const { timeouts, affinity } = model.kind === 'Frontend' ? flowTimes(model, node) : model;
  const place = listenAt(node, address, port);
  return {
    name,
    address,
    protocol,
    port,
    ...(place && { listenAt: place }),
    ...(forwarding !== undefined && { forwarding }),
    algorithm,
    ...(tableSize !== undefined && { tableSize }),
    ...(affinity && { affinity }),
    ...(connectionLimit !== undefined && { connectionLimit }),
    timeouts,
    ...(tls && { tls }),
    ...(insertHeaders && { insertHeaders }),
    ...(policies && { policies }),
    ...(policyPools && {
      policyPools: policyPools.map((pool) => nodePool(pool, targets, port, before?.policyPools)),
    }),
    ...(proxyProtocol !== undefined && { proxyProtocol }),
    targets: countFlushes(placedTargets(ofPools(model.pools, targets), port), before?.targets),
  };
}

function nodePool(
  { name, algorithm, tableSize, affinity, proxyProtocol }: PolicyPool,
  targets: readonly FrontendTarget[],
  port: number,
  before: readonly NodePool[] = [],
): NodePool {
  const known = before.find((pool) => pool.name === name)?.targets;
  return {
    name,
    algorithm,
    ...(tableSize !== undefined && { tableSize }),
    ...(affinity && { affinity }),
    ...(proxyProtocol !== undefined && { proxyProtocol }),
    targets: countFlushes(placedTargets(ofPools([{ name }], targets), port), known),
  };
}

/** What was recorded of these pools; a record may tell of others while the config of before still holds. */
function ofPools(
  pools: readonly Pick<ModelPool, 'name'>[],
  targets: readonly FrontendTarget[],
): FrontendTarget[] {
  return targets.filter(({ pool }) => pools.some(({ name }) => name === pool));
}

/** A port of no protocol is none. */
function isAllPorts({ protocol, port }: Pick<ListenerModel, 'protocol' | 'port'>): boolean {
  return protocol === undefined || port === 0;
}

/** A Frontend names no times: how long a flow without a packet is remembered is a setting of the node. Reference 2.4. */
function flowTimes(
  { protocol, timeouts, affinity }: ListenerModel,
  { flowTimeoutMs }: NodeSettings,
): Pick<ListenerModel, 'timeouts' | 'affinity'> {
  return {
    timeouts:
      protocol === 'udp' ? { ...timeouts, clientMs: flowTimeoutMs, targetMs: flowTimeoutMs } : timeouts,
    ...(affinity && {
      affinity: affinity.type === 'source-ip' ? { ...affinity, timeoutMs: flowTimeoutMs } : affinity,
    }),
  };
}

/** A target without a port is where one with the port of the VIP is. */
function placedTargets(targets: readonly FrontendTarget[], port: number): PlacedTarget[] {
  return desiredTargets(targets.map((target) => ({ port, ...target }))).map((target) => ({
    port,
    ...target,
  }));
}
