import type { FieldError } from '../../errors.js';
import { canonicalAddress } from '../../ip-address.js';
import { readsRequests } from '../../node-state/node-state.js';
import { keyOf, refOf, refText, type Resource } from '../../resource.js';
import { isOfKind, type LookupOf, type SetRule } from '../kind.js';
import { specOf } from '../spec-of.js';
import { FRONTEND } from './frontend.js';
import { LISTENER } from './listener.js';
import { LOAD_BALANCER } from './load-balancer.js';
import type { ListenerSpec, LoadBalancerSpec } from './load-balancer-specs.js';
import type { FrontendSpec } from './specs.js';
import { nearVip, vipPlaces } from './near-vip.js';
import { vipIdentity } from './vip-identity.js';

const ALL_PORTS = 'all ports';

/** What is served where, as one text each, and the field of the resource that says so. */
interface Vip {
  /** Equal where the address is: itself, or the claim that gets it. */
  readonly address: string;
  readonly service: string;
  readonly pointer: string;
}

/** Who serves each service of an address. */
type Services = ReadonlyMap<string, readonly Resource[]>;

/**
 * Each (address, protocol, port) is the VIP of one Frontend or Listener of whatever project, since a network has it once;
 * and an all-port VIP shares its address with none: the data plane refuses both. Requests are carried by TCP, so `http`,
 * `terminated-https` and `tcp` have one space of ports. Reference maglev 2.8 (1, 2), R21.
 */
export const ONE_VIP: SetRule = {
  about: [FRONTEND, LISTENER],
  places: vipPlaces,
  near: nearVip,
  over(resources, lookupOf) {
    const vips = new Map<string, Map<string, Resource[]>>();
    for (const resource of resources) {
      const vip = vipOf(resource, lookupOf);
      if (!vip) continue;
      const services = vips.get(vip.address) ?? new Map<string, Resource[]>();
      const owners = services.get(vip.service);
      if (owners) owners.push(resource);
      else services.set(vip.service, [resource]);
      vips.set(vip.address, services);
    }
    return (resource) => {
      const vip = vipOf(resource, lookupOf);
      return vip ? vipErrors(resource, vip, vips.get(vip.address) ?? new Map(), lookupOf) : [];
    };
  },
};

function vipErrors(
  resource: Resource,
  { address, service, pointer }: Vip,
  services: Services,
  lookupOf: LookupOf,
): readonly FieldError[] {
  const same = services.get(service)?.find((owner) => keyOf(owner) !== keyOf(resource));
  if (same)
    return [{ pointer, message: `${seenFrom(resource, same)} already serves ${service} of ${address}` }];
  const [other] =
    service === ALL_PORTS
      ? [...services].filter(([name]) => name !== ALL_PORTS).map(([, [owner]]) => owner)
      : (services.get(ALL_PORTS) ?? []);
  if (!other) return [];
  const isNear = refOf(resource).project === refOf(other).project;
  const what = isNear || service !== ALL_PORTS ? vipOf(other, lookupOf)?.service : 'ports';
  const does = `serves ${what} of ${address}`;
  const message = `${seenFrom(resource, other)} ${does}: ${ALL_PORTS} and single ports exclude each other`;
  return [{ pointer, message }];
}

/** Another owner as the project of one may see it: names and ports of others are not its business. */
function seenFrom(asking: Resource, other: Resource): string {
  return refOf(asking).project === refOf(other).project ? refText(refOf(other)) : 'another project';
}

/** Undefined for what serves nothing, and for a Listener whose LoadBalancer is not there. */
function vipOf(resource: Resource, lookupOf: LookupOf): Vip | undefined {
  if (isOfKind(resource, FRONTEND)) {
    const { address, protocol, port = 0 } = specOf<FrontendSpec>(resource);
    return { ...vip(canonicalAddress(address), protocol, port), pointer: '/spec/address' };
  }
  if (!isOfKind(resource, LISTENER)) return undefined;
  const { loadBalancer, protocol, port } = specOf<ListenerSpec>(resource);
  const lookup = lookupOf(resource);
  const owner = lookup(LOAD_BALANCER.apiVersion, LOAD_BALANCER.kind, loadBalancer);
  const identity = owner && vipIdentity(specOf<LoadBalancerSpec>(owner), lookup);
  if (identity === undefined) return undefined;
  return { ...vip(identity, protocol, port), pointer: '/spec/port' };
}

function vip(
  identity: string,
  protocol: ListenerSpec['protocol'] | undefined,
  port: number,
): Omit<Vip, 'pointer'> {
  const transport = readsRequests(protocol) ? 'tcp' : protocol;
  const service = port === 0 ? ALL_PORTS : `${transport} port ${port}`;
  return { address: identity, service };
}
