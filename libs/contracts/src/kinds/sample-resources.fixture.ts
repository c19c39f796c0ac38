import type { Resource } from '../resource.js';
import { KNOWN_KINDS } from './registry.js';

/** One valid spec of each known kind, for tests; together they form a set without a broken reference. */
export const SAMPLE_SPECS = {
  EventGroup: {
    nodeName: 'cloud-router',
    auth: { mode: 'hmac', secretFile: '/etc/signalbox/edge.key' },
    listen: { address: '169.254.110.2', port: 8787 },
    replayWindow: '5m',
    members: ['onprem-router'],
  },
  EventPeer: {
    groupRef: 'sample',
    nodeName: 'onprem-router',
    endpoint: 'http://169.254.110.1:8787',
    direction: 'push',
    types: ['routerd.client.ipv4.observed'],
    subjectPrefixes: ['10.88.60.'],
  },
  EventSubscription: {
    groupRef: 'sample',
    match: {
      types: ['routerd.client.ipv4.observed'],
      subjectPrefixes: ['10.88.60.'],
      payload: { ownerSide: 'onprem' },
      sourceNodes: ['onprem-router'],
    },
    trigger: { pluginRef: 'sample', concurrency: 4 },
    retry: { maxAttempts: 3, backoff: '1s', maxBackoff: '1m' },
  },
  Plugin: {
    executable: '/usr/local/libexec/plugins/event-to-remote-claim',
    timeout: '10s',
    env: { REGION: 'eu' },
    capabilities: ['observe.cloud', 'propose.dynamicConfig'],
    context: {
      resources: [{ apiVersion: 'net.routerd.net/v1alpha1', kind: 'WireGuardPeer', name: 'absent' }],
    },
    sha256: 'a'.repeat(64),
    concurrency: 4,
  },
  AddressMobilityDomain: { prefix: '10.88.60.0/24', mode: 'selective-address', peerRef: 'sample' },
  RemoteAddressClaim: {
    domainRef: 'sample',
    address: '10.88.60.9/32',
    ownerSide: 'onprem',
    capture: {
      type: 'provider-secondary-ip',
      providerRef: 'sample',
      providerMode: 'secondary-ip',
      nicRef: 'nic-1',
      configureOSAddress: false,
      activeWhen: { type: 'single-router' },
    },
    delivery: { peerRef: 'sample', mode: 'route', tunnelInterface: 'wg-hybrid' },
  },
  OverlayPeer: {
    role: 'onprem',
    nodeID: 'onprem-router',
    underlay: { type: 'wireguard', interface: 'wg-hybrid', address: '169.254.110.2' },
    remote: { nodeID: 'cloud-router', address: '169.254.110.1' },
    pathMTU: { forceFragmentIPv4: true },
  },
  CloudProviderProfile: {
    provider: 'oci',
    capabilities: ['assign-secondary-ip'],
    auth: { mode: 'external-command', command: '/usr/local/libexec/provider-auth' },
  },
} as const satisfies Record<string, Record<string, unknown>>;

export type SampleKind = keyof typeof SAMPLE_SPECS;

/** A valid resource named `sample`; `change` is a JSON merge patch on it (RFC 7396: null removes a member). */
export function sample(kind: SampleKind, change: Record<string, unknown> = {}): Resource {
  const apiVersion = KNOWN_KINDS.find((known) => known.kind === kind)?.apiVersion ?? '';
  const valid = { apiVersion, kind, metadata: { name: 'sample' }, spec: SAMPLE_SPECS[kind] };
  return merged(valid, change) as Resource;
}

/** All samples at once. */
export function samples(): Resource[] {
  return (Object.keys(SAMPLE_SPECS) as SampleKind[]).map((kind) => sample(kind));
}

function merged(target: unknown, change: unknown): unknown {
  if (!isObject(change)) return change;
  const members = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(change)) {
    if (value === null) delete members[name];
    else members[name] = merged(members[name], value);
  }
  return members;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
