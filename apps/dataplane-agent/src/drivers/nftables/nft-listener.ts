import { type Algorithm, canonicalAddress, compareAddresses, type NodeListener } from '@signalbox/contracts';
import { type Place, type Transport, transportOf } from '../place.js';

/** A listener as the kernel is made to serve it: with its place, targets in order, and nothing that changes no traffic. */
export interface NftListener {
  readonly name: string;
  readonly address: string;
  readonly protocol: Transport;
  readonly port: number;
  readonly listensAt: Place;
  /** Targets answer clients themselves; absent: connection tracking translates both ways. */
  readonly forwarding?: 'dsr';
  readonly algorithm: Algorithm;
  /** Of `maglev` that names one. */
  readonly tableSize?: number;
  /** How long a client that is silent is remembered; absent: it is not. Milliseconds. */
  readonly affinityMs?: number;
  /** How long a flow of datagrams is kept without one; of `udp` only, 0: for ever. Milliseconds. */
  readonly flowMs?: number;
  readonly targets: readonly NftTarget[];
}

/** A target without the count of its flushes: cutting is an order of its own. */
export interface NftTarget extends Place {
  /** 0-100. */
  readonly weight: number;
  /** Of `dsr`: the device that leads to it without a router between; absent: nobody answers there, and it gets nothing. */
  readonly device?: string;
}

/**
 * The listener at its place. Equal listeners give equal JSON, whatever the order of their fields and targets was. Addresses
 * of places are spelled as the kernel tells them; the VIP stays as it was declared.
 */
export function nftListener(listener: NodeListener, listensAt: Place): NftListener {
  const { name, address, port, forwarding, algorithm, tableSize, affinity, timeouts } = listener;
  const protocol = transportOf(listener);
  return {
    name,
    address,
    protocol,
    port,
    listensAt: { address: listensAt.address, port: listensAt.port },
    ...(forwarding !== undefined && { forwarding }),
    algorithm,
    ...(algorithm === 'maglev' && tableSize !== undefined && { tableSize }),
    ...(affinity?.type === 'source-ip' && { affinityMs: affinity.timeoutMs }),
    ...(protocol === 'udp' && forwarding === undefined && { flowMs: timeouts.targetMs }),
    targets: listener.targets
      .map((target) => ({ address: target.address, port: target.port, weight: target.weight }))
      .sort((a, b) => compareAddresses(a.address, b.address) || a.port - b.port),
  };
}

/** All targets with the weights that they have in rules: of `dsr` none where nobody answers. */
export function servedTargets({
  forwarding,
  targets,
}: Pick<NftListener, 'forwarding' | 'targets'>): readonly NftTarget[] {
  if (forwarding !== 'dsr') return targets;
  return targets.map((target) => (target.device === undefined ? { ...target, weight: 0 } : target));
}

/** Those that get new flows. */
export function weightedTargets(listener: Pick<NftListener, 'forwarding' | 'targets'>): readonly NftTarget[] {
  return servedTargets(listener).filter(({ weight }) => weight > 0);
}

/** An address as the kernel and its tools spell it. */
export function kernelAddress(address: string): string {
  return canonicalAddress(address);
}
