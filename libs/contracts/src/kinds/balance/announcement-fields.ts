import { parseDuration } from '../../duration.js';
import type { FieldError } from '../../errors.js';
import { canonicalAddress, hostAddressProblem } from '../../ip-address.js';
import type { AnnounceMethod, AnnouncementSpec } from './announcement-specs.js';

/** What is wrong with the fields of one Announcement, beyond what its schema can say. ADR 0042, ADR 0043. */

/** Methods by which every ready node announces a VIP. */
const ROUTED: readonly AnnounceMethod[] = ['bird', 'gobgp'];
/** Methods by which one node has a VIP. */
const LED: readonly AnnounceMethod[] = ['vrrp', 'address'];

/** Fields that only some methods have. */
const METHODS_OF = {
  peers: ROUTED,
  communities: ROUTED,
  localPref: ROUTED,
  med: ROUTED,
  leaseTime: ['address'],
  virtualRouterIds: ['vrrp'],
  advertInterval: ['vrrp'],
  preempt: LED,
  antiAffinity: LED,
} as const satisfies Partial<Record<keyof AnnouncementSpec, readonly AnnounceMethod[]>>;

/** What a method cannot do without. */
const NEEDED: Readonly<Record<AnnounceMethod, readonly (keyof AnnouncementSpec)[]>> = {
  bird: [],
  gobgp: [],
  vrrp: ['interface', 'virtualRouterIds'],
  address: ['interface'],
};

/** Defaults of an Announcement. */
export const ANNOUNCEMENT_DEFAULTS = {
  withdrawWithoutTargets: true,
  drainTime: '5s',
  interface: 'lo',
  leaseTime: '10s',
  advertInterval: '1s',
  preempt: false,
} as const;

/** Shortest lease: it is renewed three times in it, each within the second that NATS may take. Milliseconds. ADR 0043. */
const LEAST_LEASE_MS = 4_000;

/** VRRP counts hundredths of a second in twelve bits. RFC 5798 section 5.2.7. Milliseconds. */
const ADVERT_STEP_MS = 10;
const MOST_ADVERT_MS = 4095 * ADVERT_STEP_MS;

/** Fields of other methods, and those that the method needs and that are not there. */
export function methodErrors(spec: AnnouncementSpec): readonly FieldError[] {
  const { method } = spec;
  const strange = Object.entries(METHODS_OF).flatMap(([field, methods]): FieldError[] => {
    const isThere = spec[field as keyof typeof METHODS_OF] !== undefined;
    if (!isThere || (methods as readonly AnnounceMethod[]).includes(method)) return [];
    const message = `is of method ${methods.join(' and ')} only: the method is ${method}`;
    return [{ pointer: `/spec/${field}`, message }];
  });
  const lacking = NEEDED[method].filter((field) => spec[field] === undefined);
  return [
    ...strange,
    ...lacking.map((field) => ({ pointer: `/spec/${field}`, message: `is required with method ${method}` })),
  ];
}

/** Times that the protocol, or the lease, cannot have. */
export function timeErrors({ leaseTime, advertInterval }: AnnouncementSpec): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (leaseTime !== undefined && parseDuration(leaseTime) < LEAST_LEASE_MS)
    errors.push({
      pointer: '/spec/leaseTime',
      message: 'must be at least 4s: the leader has to renew it in time although NATS may take a second',
    });
  const advertMs = advertInterval === undefined ? ADVERT_STEP_MS : parseDuration(advertInterval);
  if (advertMs % ADVERT_STEP_MS !== 0 || advertMs > MOST_ADVERT_MS)
    errors.push({
      pointer: '/spec/advertInterval',
      message: 'must be whole hundredths of a second from 10ms to 40.95s: VRRP counts in these',
    });
  return errors;
}

/**
 * Sets of VIPs that name what is no VIP, or one twice, or more than can have leaders of their own: the VIPs of one virtual router
 * always have the same.
 */
export function antiAffinityErrors({
  method,
  virtualRouterIds,
  antiAffinity = [],
}: AnnouncementSpec): readonly FieldError[] {
  return antiAffinity.flatMap((set, at): readonly FieldError[] => {
    const pointer = `/spec/antiAffinity/${at}`;
    const addresses = set.map(canonicalAddress);
    const errors = addresses.flatMap((address, place): FieldError[] => {
      const first = addresses.indexOf(address);
      const problem =
        hostAddressProblem(address) ??
        (first === place ? undefined : `is already address ${first} of the set`);
      return problem === undefined ? [] : [{ pointer: `${pointer}/${place}`, message: problem }];
    });
    if (errors.length > 0 || method !== 'vrrp' || !virtualRouterIds || set.length <= virtualRouterIds.length)
      return errors;
    const message = `has ${set.length} VIPs for ${virtualRouterIds.length} of virtualRouterIds: the VIPs of one virtual router have one leader`;
    return [{ pointer, message }];
  });
}
