import {
  addressFamily,
  type Capabilities,
  type ErrorBody,
  type NodeListener,
  type NodePool,
} from '@signalbox/contracts';

/**
 * Why a driver cannot do a listener, by its capabilities alone: the first thing that it lacks, named together with the
 * driver and with what it has instead. Undefined: it can. Nothing is approximated (spec/balance "Pieces").
 */
export function unsupportedReason(
  listener: NodeListener,
  capabilities: Capabilities,
  driver: string,
): ErrorBody | undefined {
  const lack = lackOf(listener, capabilities);
  if (lack === undefined) return undefined;
  return {
    code: 'data-plane-refused',
    message: `driver ${driver} cannot serve listener ${listener.name}: ${lack}`,
  };
}

function lackOf(listener: NodeListener, can: Capabilities): string | undefined {
  const { protocol, policyPools = [] } = listener;
  if (!can.protocols.includes(protocol)) return `no protocol ${protocol}, only ${list(can.protocols)}`;
  const lack = spreadingLack(listener, can);
  if (lack !== undefined) return lack;
  const direct = directLack(listener, can);
  if (direct !== undefined) return direct;
  if (listener.connectionLimit !== undefined && !can.connectionLimit) return 'no connection limit';
  if (listener.policies && !can.policies) return 'no policies for requests';
  const own = targetsLack(listener, listener, can);
  if (own !== undefined) return own;
  for (const pool of policyPools) {
    const poolLack = spreadingLack(pool, can) ?? targetsLack(pool, listener, can);
    if (poolLack !== undefined) return `of pool ${pool.name}: ${poolLack}`;
  }
  return undefined;
}

/** What it lacks to choose targets as it shall. */
function spreadingLack(
  { algorithm, affinity, proxyProtocol }: Pick<NodePool, 'algorithm' | 'affinity' | 'proxyProtocol'>,
  can: Capabilities,
): string | undefined {
  if (!can.algorithms.includes(algorithm)) return `no algorithm ${algorithm}, only ${list(can.algorithms)}`;
  if (affinity && !can.affinity.includes(affinity.type)) {
    return `no affinity ${affinity.type}, only ${list(can.affinity)}`;
  }
  return proxyProtocol !== undefined && !can.proxyProtocol ? 'no PROXY protocol' : undefined;
}

/** What it lacks for targets that answer clients themselves. */
function directLack(
  { forwarding, algorithm, affinity }: NodeListener,
  { dsr = [] }: Capabilities,
): string | undefined {
  if (forwarding !== 'dsr') return undefined;
  if (dsr.length === 0) return 'no direct server return';
  if (!dsr.includes(algorithm)) return `no direct server return with ${algorithm}, only with ${list(dsr)}`;
  return affinity && `no direct server return with affinity ${affinity.type}`;
}

/** What is wrong with targets behind a VIP. */
function targetsLack(
  { targets }: Pick<NodePool, 'targets'>,
  { address, port, forwarding }: NodeListener,
  can: Capabilities,
): string | undefined {
  if (targets.length > can.maxTargets) {
    return `${targets.length} targets, and at most ${can.maxTargets} are possible`;
  }
  const isPlain = forwarding !== 'dsr';
  const otherPort = can.targetPorts && isPlain ? undefined : targets.find((target) => target.port !== port);
  if (otherPort) {
    return `target ${otherPort.address} has port ${otherPort.port}, and targets keep the port of the VIP, ${port}`;
  }
  const otherFamily =
    can.mixedFamilies && isPlain
      ? undefined
      : targets.find((target) => addressFamily(target.address) !== addressFamily(address));
  return otherFamily && `target ${otherFamily.address} is of another address family than the VIP ${address}`;
}

function list(names: readonly string[]): string {
  return names.length > 0 ? names.join(', ') : 'none';
}
