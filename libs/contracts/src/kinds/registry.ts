import type { Condition } from '../condition.js';
import type { Resource } from '../resource.js';
import { ADDRESS_MOBILITY_DOMAIN } from './address-mobility-domain.js';
import { BACKEND } from './balance/backend.js';
import { FRONTEND } from './balance/frontend.js';
import { HEALTH_CHECK } from './balance/health-check.js';
import { HEALTH_CHECKER } from './balance/health-checker.js';
import { MAINTENANCE_WINDOW } from './balance/maintenance-window.js';
import { POOL_MEMBER } from './balance/pool-member.js';
import { VPP_DATA_PLANE } from './balance/vpp-data-plane.js';
import { CLOUD_PROVIDER_PROFILE } from './cloud-provider-profile.js';
import { EVENT_GROUP } from './event-group.js';
import { EVENT_PEER } from './event-peer.js';
import { EVENT_SUBSCRIPTION } from './event-subscription.js';
import type { Kind } from './kind.js';
import { OVERLAY_PEER } from './overlay-peer.js';
import { PLUGIN } from './plugin.js';
import { REMOTE_ADDRESS_CLAIM } from './remote-address-claim.js';

/** Every kind this version understands. Other kinds are kept as they are, with their envelope checked only. */
export const KNOWN_KINDS: readonly Kind[] = [
  ADDRESS_MOBILITY_DOMAIN,
  BACKEND,
  CLOUD_PROVIDER_PROFILE,
  EVENT_GROUP,
  EVENT_PEER,
  EVENT_SUBSCRIPTION,
  FRONTEND,
  HEALTH_CHECK,
  HEALTH_CHECKER,
  MAINTENANCE_WINDOW,
  OVERLAY_PEER,
  PLUGIN,
  POOL_MEMBER,
  REMOTE_ADDRESS_CLAIM,
  VPP_DATA_PLANE,
];

const BY_NAME: ReadonlyMap<string, Kind> = new Map(KNOWN_KINDS.map((kind) => [kind.kind, kind]));

/** The kind of this name under this apiVersion, or undefined when this version does not know it. */
export function kindOf(apiVersion: string, kind: string): Kind | undefined {
  const known = BY_NAME.get(kind);
  return known?.apiVersion === apiVersion ? known : undefined;
}

/** The apiVersion that a kind of ours must be given under, or undefined for a name that is not ours. */
export function apiVersionOf(kind: string): string | undefined {
  return BY_NAME.get(kind)?.apiVersion;
}

/**
 * What a valid resource says that has no effect in this version, one condition a field. Nothing is accepted in silence:
 * the apply answer and `get` show these.
 */
export function effectGaps(resource: Resource): readonly Condition[] {
  const kind = kindOf(resource.apiVersion, resource.kind);
  return (kind?.withoutEffect?.(resource) ?? []).map(({ pointer, message }) => ({
    type: 'WithoutEffect',
    status: 'True',
    reason: 'accepted-without-effect',
    message,
    pointer,
  }));
}
