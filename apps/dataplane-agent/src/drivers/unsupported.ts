import { addressFamily, type Capabilities, type ErrorBody, type NodeListener } from '@signalbox/contracts';

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
  const { protocol, algorithm, affinity, address, port, targets } = listener;
  if (!can.protocols.includes(protocol)) return `no protocol ${protocol}, only ${list(can.protocols)}`;
  if (!can.algorithms.includes(algorithm)) return `no algorithm ${algorithm}, only ${list(can.algorithms)}`;
  if (affinity && !can.affinity.includes(affinity.type)) {
    return `no affinity ${affinity.type}, only ${list(can.affinity)}`;
  }
  if (listener.forwarding === 'dsr') {
    const { dsr = [] } = can;
    if (dsr.length === 0) return 'no direct server return';
    if (!dsr.includes(algorithm)) return `no direct server return with ${algorithm}, only with ${list(dsr)}`;
    if (affinity) return `no direct server return with affinity ${affinity.type}`;
  }
  if (listener.connectionLimit !== undefined && !can.connectionLimit) return 'no connection limit';
  if (listener.proxyProtocol !== undefined && !can.proxyProtocol) return 'no PROXY protocol';
  if (listener.policies && !can.policies) return 'no policies for requests';
  if (targets.length > can.maxTargets) {
    return `${targets.length} targets, and at most ${can.maxTargets} are possible`;
  }
  const isPlain = listener.forwarding !== 'dsr';
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
