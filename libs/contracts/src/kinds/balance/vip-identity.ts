import { canonicalAddress } from '../../ip-address.js';
import { refOf, refText } from '../../resource.js';
import type { ResourceLookup } from '../kind.js';
import { specOf } from '../spec-of.js';
import type { LoadBalancerSpec } from './load-balancer-specs.js';
import { VIP_CLAIM } from './vip-claim.js';
import type { VipClaimSpec } from './vip-specs.js';

/**
 * One text for each VIP, also for one that nobody knows the address of yet: the address, or the claim that gets it. Claims with
 * one sharing key may come to one address, so they count as one. Undefined for a LoadBalancer whose claim is not there. ADR 0025.
 */
export function vipIdentity(
  { address, vipClaim }: LoadBalancerSpec,
  lookup: ResourceLookup,
): string | undefined {
  if (address !== undefined) return canonicalAddress(address);
  const claim = vipClaim === undefined ? undefined : lookup(VIP_CLAIM.apiVersion, VIP_CLAIM.kind, vipClaim);
  if (!claim) return undefined;
  const { project } = refOf(claim);
  const { sharingKey } = specOf<VipClaimSpec>(claim);
  return sharingKey === undefined
    ? refText(refOf(claim))
    : `the VipClaims with the sharing key ${sharingKey} in project ${project}`;
}
