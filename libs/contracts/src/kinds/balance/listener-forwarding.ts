import type { FieldError } from '../../errors.js';
import { DSR_ALGORITHMS } from '../../node-state/node-state.js';
import { DEFAULT_ALGORITHM, type ListenerSpec, type PoolSpec } from './load-balancer-specs.js';

/** Fields that are about connections, of which a node that sends packets on one by one knows nothing. */
const OF_CONNECTIONS = ['connectionLimit', 'connectTimeout', 'clientTimeout', 'targetTimeout'] as const;

/**
 * What a Listener asks for that targets which answer clients themselves leave no room for: whoever reads requests or counts
 * connections has to see both ways. Pointers start at the resource. Reference load-balancing section 3.
 */
export function dsrOptionErrors(spec: ListenerSpec): readonly FieldError[] {
  if (spec.forwarding !== 'dsr') return [];
  const errors = OF_CONNECTIONS.filter((field) => spec[field] !== undefined).map((field) => ({
    pointer: `/spec/${field}`,
    message: 'has no effect with forwarding dsr, where the node knows no connections: remove one of the two',
  }));
  if (spec.protocol === 'tcp' || spec.protocol === 'udp') return errors;
  const message = `dsr needs protocol tcp or udp: the protocol is ${spec.protocol}`;
  return [{ pointer: '/spec/forwarding', message }, ...errors];
}

/** What a pool asks for that `dsr` has not; undefined: nothing. The algorithms are `DSR_ALGORITHMS`. */
export function dsrLack({
  algorithm = DEFAULT_ALGORITHM,
  affinity,
  proxyProtocol,
}: PoolSpec): string | undefined {
  if (!DSR_ALGORITHMS.includes(algorithm))
    return `the algorithm ${algorithm}: forwarding dsr needs ${DSR_ALGORITHMS.join(' or ')}`;
  if (affinity)
    return `the affinity ${affinity.type}, and with forwarding dsr nobody remembers clients: source-hash gives each address one backend`;
  return proxyProtocol === undefined
    ? undefined
    : `a proxyProtocol, and with forwarding dsr backends see clients themselves: remove it`;
}
