import {
  DEFAULT_TIMEOUTS,
  type FrontendTarget,
  type ListenerModel,
  nodesOf,
  type NodeSettings,
  type NodeSpec,
} from '@signalbox/contracts';

/** Builders for the tests of nodes: a valid value, changed where the test cares. */

/** TCP port 80 of 192.0.2.1. */
export function aModel(name: string, change: Partial<ListenerModel> = {}): ListenerModel {
  return {
    name,
    kind: 'Frontend',
    loadBalancer: name,
    address: '192.0.2.1',
    protocol: 'tcp',
    port: 80,
    enabled: true,
    algorithm: 'round-robin',
    timeouts: DEFAULT_TIMEOUTS,
    flushOnDown: true,
    failbackDelayMs: 0,
    minUp: 1,
    poolActivation: 'up',
    slowStartMs: 0,
    allDown: 'drop',
    pools: [{ name: 'primary', members: new Map() }],
    ...change,
  };
}

/** In service at its address, with all of its weight. */
export function aTarget(address: string, change: Partial<FrontendTarget> = {}): FrontendTarget {
  return {
    pool: 'primary',
    backend: `at ${address} ${change.port ?? ''}`,
    address,
    weight: 100,
    effective: 100,
    flush: false,
    why: { rule: 'active', text: 'because' },
    ...change,
  };
}

/** Taken out by an operator. */
export function disabled(address: string): FrontendTarget {
  return aTarget(address, { effective: 0, flush: true, why: { rule: 'disabled', text: 'because' } });
}

export function aNode(name: string, spec: NodeSpec = { driver: 'sim' }): NodeSettings {
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: { ...spec } };
  return nodesOf([node], undefined)[0]!;
}
