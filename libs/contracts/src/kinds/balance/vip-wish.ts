import { type AddressFamily, canonicalAddress, familyOf } from '../../ip-address.js';
import { refOf, type Resource, scopedNameOf } from '../../resource.js';
import { isOfKind } from '../kind.js';
import { specOf } from '../spec-of.js';
import { FRONTEND } from './frontend.js';
import { LOAD_BALANCER } from './load-balancer.js';
import type { LoadBalancerSpec } from './load-balancer-specs.js';
import type { FrontendSpec } from './specs.js';
import { VIP_CLAIM } from './vip-claim.js';
import type { VipClaimSpec } from './vip-specs.js';

/** Kinds that can hold a VIP: a claim, or what has an address written in it. */
export const VIP_HOLDERS = ['Frontend', 'LoadBalancer', 'VipClaim'] as const;

/** Who has a VIP, or waits for one. */
export interface VipHolder {
  readonly kind: (typeof VIP_HOLDERS)[number];
  /** Scoped name. */
  readonly name: string;
}

/** What a holder asks for. */
export interface VipWish {
  readonly holder: VipHolder;
  readonly project: string;
  /** Name of the pool that it has to come from. */
  readonly pool?: string;
  readonly family?: AddressFamily;
  /** Canonical. */
  readonly address?: string;
  /** Wishes of one project with equal texts may have one address; absent: it is shared with nobody. */
  readonly sharing?: string;
}

/** What those that only have an address written share by: the ports of each are kept apart by {@link ONE_VIP}. */
const WRITTEN = 'written';

/** What a resource asks for; undefined for one that asks for nothing. A written address outside of all pools is nobody's. */
export function vipWish(resource: Resource): VipWish | undefined {
  const { project } = refOf(resource);
  const name = scopedNameOf(resource);
  if (isOfKind(resource, VIP_CLAIM)) {
    const { pool, family, address, sharingKey } = specOf<VipClaimSpec>(resource);
    const wanted = family ?? (address === undefined ? undefined : familyOf(address));
    return {
      holder: { kind: 'VipClaim', name },
      project,
      ...(pool !== undefined && { pool }),
      ...(wanted !== undefined && { family: wanted }),
      ...(address !== undefined && { address: canonicalAddress(address) }),
      ...(sharingKey !== undefined && { sharing: `key ${sharingKey}` }),
    };
  }
  const kind = isOfKind(resource, FRONTEND) ? 'Frontend' : 'LoadBalancer';
  if (kind === 'LoadBalancer' && !isOfKind(resource, LOAD_BALANCER)) return undefined;
  const { address } = specOf<LoadBalancerSpec | FrontendSpec>(resource);
  if (address === undefined) return undefined;
  return { holder: { kind, name }, project, address: canonicalAddress(address), sharing: WRITTEN };
}

/** Whether two holders may have one address. */
export function mayShare(
  one: Pick<VipWish, 'project' | 'sharing'>,
  other: Pick<VipWish, 'project' | 'sharing'>,
): boolean {
  return one.sharing !== undefined && one.project === other.project && one.sharing === other.sharing;
}

/** Text key of a holder. */
export function holderKey({ kind, name }: VipHolder): string {
  return `${kind}/${name}`;
}

/** The holder of a key, see {@link holderKey}. */
export function holderOf(key: string): VipHolder {
  const at = key.indexOf('/');
  return { kind: key.slice(0, at) as VipHolder['kind'], name: key.slice(at + 1) };
}
