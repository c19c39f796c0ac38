import { canonicalAddress } from '../../ip-address.js';
import { keyOf, refOf, type Resource } from '../../resource.js';
import { isOfKind, type Surroundings } from '../kind.js';
import { namedKey } from '../named-key.js';
import { specOf } from '../spec-of.js';
import { FRONTEND } from './frontend.js';
import { LISTENER } from './listener.js';
import type { ListenerSpec, LoadBalancerSpec } from './load-balancer-specs.js';
import { LOAD_BALANCER } from './load-balancer.js';
import type { FrontendSpec } from './specs.js';
import { VIP_CLAIM } from './vip-claim.js';
import type { VipClaimSpec } from './vip-specs.js';

/** Places by which the Frontends and Listeners of one VIP find each other. */
export function vipPlaces(resource: Resource): readonly string[] {
  if (isOfKind(resource, FRONTEND)) return [addressPlace(specOf<FrontendSpec>(resource).address)];
  if (isOfKind(resource, LISTENER))
    return [listenerPlace(namedKey(resource, LOAD_BALANCER, specOf<ListenerSpec>(resource).loadBalancer))];
  if (isOfKind(resource, LOAD_BALANCER)) {
    const { address, vipClaim } = specOf<LoadBalancerSpec>(resource);
    if (address !== undefined) return [addressPlace(address)];
    return vipClaim === undefined ? [] : [claimPlace(namedKey(resource, VIP_CLAIM, vipClaim))];
  }
  const shared = sharedPlace(resource);
  return shared === undefined ? [] : [shared];
}

/** The Frontends and Listeners of the VIP of a Frontend or Listener, itself among them. As `vipIdentity` tells them apart. */
export function* nearVip(resource: Resource, surroundings: Surroundings): Iterable<Resource> {
  for (const one of holders(resource, surroundings)) {
    if (isOfKind(one, FRONTEND)) yield one;
    else yield* surroundings.at(listenerPlace(keyOf(one)));
  }
}

/** The Frontends and LoadBalancers that have the VIP. */
function* holders(resource: Resource, { at, lookupOf }: Surroundings): Iterable<Resource> {
  if (isOfKind(resource, FRONTEND)) return yield* at(addressPlace(specOf<FrontendSpec>(resource).address));
  const lookup = lookupOf(resource);
  const { loadBalancer } = specOf<ListenerSpec>(resource);
  const owner = lookup(LOAD_BALANCER.apiVersion, LOAD_BALANCER.kind, loadBalancer);
  if (!owner) return;
  const { address, vipClaim } = specOf<LoadBalancerSpec>(owner);
  if (address !== undefined) return yield* at(addressPlace(address));
  const claim = vipClaim === undefined ? undefined : lookup(VIP_CLAIM.apiVersion, VIP_CLAIM.kind, vipClaim);
  if (!claim) return;
  const shared = sharedPlace(claim);
  for (const one of shared === undefined ? [claim] : at(shared)) yield* at(claimPlace(keyOf(one)));
}

function addressPlace(address: string): string {
  return `vip ${canonicalAddress(address)}`;
}

function listenerPlace(loadBalancer: string): string {
  return `listener of ${loadBalancer}`;
}

function claimPlace(claim: string): string {
  return `vip of ${claim}`;
}

/** Claims with one sharing key may come to one address. */
function sharedPlace(claim: Resource): string | undefined {
  if (!isOfKind(claim, VIP_CLAIM)) return undefined;
  const { sharingKey } = specOf<VipClaimSpec>(claim);
  return sharingKey === undefined ? undefined : `shares ${refOf(claim).project} ${sharingKey}`;
}
