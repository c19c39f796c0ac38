import {
  type Affinity,
  compareAddresses,
  type NodeListener,
  type NodePolicy,
  type NodePool,
  type NodeTls,
  type PolicyAction,
} from '@signalbox/contracts';

/** Where something listens. */
export interface Place {
  readonly address: string;
  readonly port: number;
}

/** A listener as HAProxy is made to serve it: with its place, targets in order, and nothing that changes no traffic. */
export type PlacedListener = Omit<NodeListener, 'listenAt' | 'tableSize' | 'policyPools' | 'targets'> & {
  readonly listensAt: Place;
  readonly policyPools?: readonly PlacedPool[];
  readonly targets: readonly PlacedTarget[];
};

/** A policy pool as HAProxy is made to serve it. */
export type PlacedPool = Omit<NodePool, 'tableSize' | 'targets'> & {
  readonly targets: readonly PlacedTarget[];
};

/** A target without the count of its flushes: cutting is an order of its own. */
export interface PlacedTarget extends Place {
  /** 0-100. */
  readonly weight: number;
}

/** The listener at its place. Equal listeners give equal JSON, whatever the order of their fields and targets was. */
export function placeListener(listener: NodeListener, listensAt: Place): PlacedListener {
  const { name, address, protocol, port, algorithm, affinity, connectionLimit, timeouts } = listener;
  const { tls, insertHeaders, policies, policyPools, proxyProtocol } = listener;
  const { connectMs, clientMs, targetMs } = timeouts;
  return {
    name,
    address,
    protocol,
    port,
    listensAt: { address: listensAt.address, port: listensAt.port },
    algorithm,
    ...(affinity && { affinity: placedAffinity(affinity) }),
    ...(connectionLimit !== undefined && { connectionLimit }),
    timeouts: { connectMs, clientMs, targetMs },
    ...(tls && { tls: placedTls(tls) }),
    ...(insertHeaders && { insertHeaders: [...insertHeaders].sort() }),
    ...(policies && { policies: policies.map(placedPolicy) }),
    ...(policyPools && {
      policyPools: policyPools.map(placedPool).sort((a, b) => (a.name < b.name ? -1 : 1)),
    }),
    ...(proxyProtocol !== undefined && { proxyProtocol }),
    targets: placedTargets(listener.targets),
  };
}

function placedPool({ name, algorithm, affinity, proxyProtocol, targets }: NodePool): PlacedPool {
  return {
    name,
    algorithm,
    ...(affinity && { affinity: placedAffinity(affinity) }),
    ...(proxyProtocol !== undefined && { proxyProtocol }),
    targets: placedTargets(targets),
  };
}

function placedAffinity(affinity: Affinity): Affinity {
  return affinity.type === 'source-ip'
    ? { type: affinity.type, timeoutMs: affinity.timeoutMs }
    : { type: affinity.type, cookie: affinity.cookie };
}

function placedTargets(targets: NodePool['targets']): PlacedTarget[] {
  return targets
    .map(({ address, port, weight }) => ({ address, port, weight }))
    .sort((a, b) => comparePlaces(a, b));
}

function placedTls({ certificates, minVersion, http2 }: NodeTls): NodeTls {
  return {
    certificates: certificates.map(({ name, file, keyFile }) => ({
      name,
      file,
      ...(keyFile !== undefined && { keyFile }),
    })),
    minVersion,
    http2,
  };
}

function placedPolicy({ name, rules, ...action }: NodePolicy): NodePolicy {
  return {
    name,
    ...orderedAction(action),
    rules: rules.map(({ type, key, compare, value, invert }) => ({
      type,
      ...(key !== undefined && { key }),
      compare,
      value,
      ...(invert && { invert }),
    })),
  };
}

function orderedAction(action: PolicyAction): PolicyAction {
  switch (action.action) {
    case 'reject':
      return { action: action.action };
    case 'redirect-to-url':
      return { action: action.action, url: action.url, code: action.code };
    case 'redirect-prefix':
      return { action: action.action, prefix: action.prefix, code: action.code };
    case 'redirect-to-pool':
      return { action: action.action, pool: action.pool };
  }
}

/** By address, IPv4 first, then by port. */
export function comparePlaces(a: Place, b: Place): number {
  return (a.address === b.address ? 0 : compareAddresses(a.address, b.address)) || a.port - b.port;
}

/** One text for each place, and the same for no two of them. */
export function placeText({ address, port }: Place): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
