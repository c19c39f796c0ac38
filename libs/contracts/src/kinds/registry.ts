import { type Condition, PLAIN_HTTP, WITHOUT_EFFECT } from '../condition.js';
import type { FieldError } from '../errors.js';
import type { Resource } from '../resource.js';
import { ADDRESS_MOBILITY_DOMAIN } from './address-mobility-domain.js';
import { ANNOUNCEMENT } from './balance/announcement.js';
import { BACKEND } from './balance/backend.js';
import { BACKEND_SOURCE } from './balance/backend-source.js';
import { BFD_PROFILE } from './balance/bfd-profile.js';
import { BGP_PEER } from './balance/bgp-peer.js';
import { CERTIFICATE } from './balance/certificate.js';
import { FRONTEND } from './balance/frontend.js';
import { HEALTH_CHECK } from './balance/health-check.js';
import { HEALTH_CHECKER } from './balance/health-checker.js';
import { L7_POLICY } from './balance/l7-policy.js';
import { L7_RULE } from './balance/l7-rule.js';
import { LISTENER } from './balance/listener.js';
import { LOAD_BALANCER } from './balance/load-balancer.js';
import { MAINTENANCE_WINDOW } from './balance/maintenance-window.js';
import { NODE } from './balance/node.js';
import { POOL_MEMBER } from './balance/pool-member.js';
import { ORG } from './balance/org.js';
import { POOL } from './balance/pool.js';
import { PROJECT } from './balance/project.js';
import { QUOTA } from './balance/quota.js';
import { VIP_CLAIM } from './balance/vip-claim.js';
import { VIP_POOL } from './balance/vip-pool.js';
import { VPP_DATA_PLANE } from './balance/vpp-data-plane.js';
import { CLOUD_PROVIDER_PROFILE } from './cloud-provider-profile.js';
import { CONFIG_SINK } from './config/config-sink.js';
import { DYNAMIC_OVERRIDE_POLICY } from './config/dynamic-override-policy.js';
import { RESOURCE_SCHEMA } from './config/resource-schema.js';
import { DYNAMIC_CONFIG_SOURCE } from './dynamic-config-source.js';
import { EVENT_GROUP } from './event-group.js';
import { EVENT_PEER } from './event-peer.js';
import { EVENT_SUBSCRIPTION } from './event-subscription.js';
import { FEDERATION_SLO } from './federation-slo.js';
import { apiGroupOf, type Kind } from './kind.js';
import { OVERLAY_PEER } from './overlay-peer.js';
import { PLUGIN } from './plugin.js';
import { REMOTE_ADDRESS_CLAIM } from './remote-address-claim.js';

/** Every kind this version understands. Other kinds are kept as they are, with their envelope checked only. */
export const KNOWN_KINDS: readonly Kind[] = [
  ADDRESS_MOBILITY_DOMAIN,
  ANNOUNCEMENT,
  BACKEND,
  BACKEND_SOURCE,
  BFD_PROFILE,
  BGP_PEER,
  CERTIFICATE,
  CLOUD_PROVIDER_PROFILE,
  CONFIG_SINK,
  DYNAMIC_CONFIG_SOURCE,
  DYNAMIC_OVERRIDE_POLICY,
  EVENT_GROUP,
  EVENT_PEER,
  EVENT_SUBSCRIPTION,
  FEDERATION_SLO,
  FRONTEND,
  HEALTH_CHECK,
  HEALTH_CHECKER,
  L7_POLICY,
  L7_RULE,
  LISTENER,
  LOAD_BALANCER,
  MAINTENANCE_WINDOW,
  NODE,
  ORG,
  OVERLAY_PEER,
  PLUGIN,
  POOL,
  POOL_MEMBER,
  PROJECT,
  QUOTA,
  REMOTE_ADDRESS_CLAIM,
  RESOURCE_SCHEMA,
  VIP_CLAIM,
  VIP_POOL,
  VPP_DATA_PLANE,
];

const BY_IDENTITY: ReadonlyMap<string, Kind> = new Map(
  KNOWN_KINDS.map((kind) => [`${kind.apiVersion} ${kind.kind}`, kind]),
);

/** The kind of this name under this apiVersion, or undefined when this version does not know it. */
export function kindOf(apiVersion: string, kind: string): Kind | undefined {
  return BY_IDENTITY.get(`${apiVersion} ${kind}`);
}

/**
 * What a valid resource says of itself, one condition a field: what has no effect in this version, and what leaves the machine
 * unencrypted. Nothing is accepted in silence: the apply answer and `get` show these.
 */
export function ownConditions(resource: Resource): readonly Condition[] {
  const kind = kindOf(resource.apiVersion, resource.kind);
  const gaps = kind ? (kind.withoutEffect?.(resource) ?? []) : unknownKindGaps(resource);
  const unprotected = kind?.unprotected?.(resource) ?? [];
  return [
    ...gaps.map(
      (gap) => ({ type: 'WithoutEffect', status: 'True', reason: WITHOUT_EFFECT, ...gap }) as const,
    ),
    ...unprotected.map(
      (one) => ({ type: 'Unprotected', status: 'True', reason: PLAIN_HTTP, ...one }) as const,
    ),
  ];
}

/**
 * Groups of the reference whose kinds steer what Signalbox itself does: facts, plugins, parts, provider actions,
 * mobility. What the other groups declare is for whoever reads the effective config, which has it.
 */
const STEERING_GROUPS: readonly string[] = [
  'federation.routerd.net',
  'plugin.routerd.net',
  'config.routerd.net',
  'mobility.routerd.net',
  'provideraction.routerd.net',
];

/** Kinds of other groups that steer as well. */
const STEERING_KINDS: readonly string[] = ['hybrid.routerd.net ProviderActionPolicy'];

function unknownKindGaps({ apiVersion, kind }: Resource): readonly FieldError[] {
  const group = apiGroupOf(apiVersion);
  if (!STEERING_GROUPS.includes(group) && !STEERING_KINDS.includes(`${group} ${kind}`)) return [];
  return [
    {
      pointer: '/kind',
      message: `this version keeps a ${kind} in the effective config and does nothing else with it`,
    },
  ];
}
