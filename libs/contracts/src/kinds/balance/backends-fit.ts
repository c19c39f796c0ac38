import type { FieldError } from '../../errors.js';
import { type AddressFamily, familyOf } from '../../ip-address.js';
import { keyOf, refOf, refText, type Resource } from '../../resource.js';
import { isOfKind, type LookupOf, type SetRule } from '../kind.js';
import { specOf } from '../spec-of.js';
import { FRONTEND } from './frontend.js';
import { L7_POLICY, REDIRECT_POOL } from './l7-policy.js';
import { LISTENER, poolPointer } from './listener.js';
import type { ListenerSpec } from './load-balancer-specs.js';
import { POOL_MEMBER } from './pool-member.js';
import { POOL } from './pool.js';
import { nearServing, servingPlaces } from './near-serving.js';
import {
  policyPoolKey,
  policyTarget,
  poolListeners,
  type ServedMember,
  servedMembers,
} from './served-members.js';

/** Everything that serves, looked at once. */
interface Served {
  /** VIP → the first member of each family. */
  readonly families: Map<string, Map<AddressFamily, ServedMember>>;
  /** Listener and place → who is there. */
  readonly places: Map<string, ServedMember[]>;
  /** Key of a Listener → its members. */
  readonly members: Map<string, ServedMember[]>;
}

/**
 * All backends behind one VIP address are of one family, because its tunnels are; no two backends of a Frontend or
 * Listener have one address and port, neither do two of a pool that policies send requests to; backends that answer clients
 * themselves are what the VIP is. Counts what Frontends and Pools name themselves and what PoolMembers bring.
 * Reference maglev 2.8 (3, 5).
 */
export const BACKENDS_FIT: SetRule = {
  about: [FRONTEND, L7_POLICY, LISTENER, POOL, POOL_MEMBER],
  needsReferences: true,
  places: servingPlaces,
  near: nearServing,
  over(resources, lookupOf) {
    const all = [...resources];
    const listeners = poolListeners(all, lookupOf);
    const served: Served = { families: new Map(), places: new Map(), members: new Map() };
    for (const resource of all)
      for (const member of servedMembers(resource, listeners, lookupOf)) note(served, member);
    return (resource) => {
      if (isOfKind(resource, LISTENER)) return listenerErrors(resource, served);
      if (isOfKind(resource, L7_POLICY)) return policyErrors(resource, served, lookupOf);
      const members = servedMembers(resource, listeners, lookupOf);
      const twice = members.flatMap((member) => twiceError(member, served));
      const strange = members.flatMap((member) => familyError(member, served));
      const unlike = members.flatMap(dsrError);
      return [...firstOfEach([...twice, ...unlike]), ...strange.slice(0, 1)];
    };
  },
};

function note({ families, places, members }: Served, member: ServedMember): void {
  const { key, vip } = member.listener;
  const ofVip = families.get(vip) ?? new Map<AddressFamily, ServedMember>();
  families.set(vip, ofVip);
  if (!ofVip.has(member.family)) ofVip.set(member.family, member);
  add(places, placeKey(member), member);
  add(members, key, member);
}

function add(lists: Map<string, ServedMember[]>, key: string, member: ServedMember): void {
  const known = lists.get(key);
  if (known) known.push(member);
  else lists.set(key, [member]);
}

/** A Listener brings pools together: what does not fit is told at the pool that it is in. */
function listenerErrors(listener: Resource, served: Served): readonly FieldError[] {
  const { pools } = specOf<ListenerSpec>(listener);
  return errorsAt(keyOf(listener), served, (pool) => poolPointer(pools.indexOf(pool)));
}

function policyErrors(policy: Resource, served: Served, lookupOf: LookupOf): readonly FieldError[] {
  const target = policyTarget(policy, lookupOf);
  return target
    ? errorsAt(policyPoolKey(keyOf(target.listener), target.pool), served, () => REDIRECT_POOL)
    : [];
}

/** What does not fit among the members of a listener, or of a pool of its policies; `pointerOf` where a pool is named. */
function errorsAt(key: string, served: Served, pointerOf: (pool: string) => string): readonly FieldError[] {
  const members = served.members.get(key) ?? [];
  const errors = members.flatMap((member) =>
    [...twiceError(member, served), ...dsrError(member), ...familyError(member, served)].map(
      ({ message }) => ({
        pointer: pointerOf(member.group),
        message: `Backend/${member.backend} of Pool/${member.group} ${message}`,
      }),
    ),
  );
  return firstOfEach(errors);
}

function firstOfEach(errors: readonly FieldError[]): readonly FieldError[] {
  const told = new Set<string>();
  return errors.filter(({ pointer }) => {
    const isNew = !told.has(pointer);
    told.add(pointer);
    return isNew;
  });
}

function placeKey({ listener, place }: ServedMember): string {
  return `${listener.key}\0${place}`;
}

/** A pair that both a Frontend or Pool and a PoolMember name is the business of the PoolMember's own rule. */
function twiceError(member: ServedMember, { places }: Served): readonly FieldError[] {
  const { owner, pointer, group, backend, place } = member;
  const other = places
    .get(placeKey(member))
    ?.find(
      (there) => keyOf(there.owner) !== keyOf(owner) && (there.backend !== backend || there.group !== group),
    );
  return other ? [{ pointer, message: `has the address ${place} of ${backendText(other)}` }] : [];
}

/** Packets come to the backend as they came to the VIP: nobody translates a port, or turns IPv4 into IPv6. */
function dsrError({ pointer, port, family, listener }: ServedMember): readonly FieldError[] {
  const { dsrPort, vip } = listener;
  if (dsrPort === undefined) return [];
  if (port !== undefined && port !== dsrPort) {
    const message = `has port ${port}, but forwarding dsr needs that of the listener: ${dsrPort}`;
    return [{ pointer, message }];
  }
  const wanted = familyOf(vip);
  return wanted === undefined || wanted === family
    ? []
    : [{ pointer, message: `is ${family}, but forwarding dsr needs the family of the VIP ${vip}` }];
}

function familyError(
  { owner, pointer, family, listener }: ServedMember,
  { families }: Served,
): readonly FieldError[] {
  const { vip } = listener;
  const other = families.get(vip)?.get(family === 'ipv4' ? 'ipv6' : 'ipv4');
  if (!other) return [];
  // a VIP may serve several projects on different ports: what stands behind the others is not told
  const isNear = refOf(owner).project === refOf(other.owner).project;
  const whose = isNear ? `${backendText(other)} is` : 'those of another project are';
  const message = `is ${family}, but ${whose} ${other.family}: backends behind ${vip} must be of one family`;
  return [{ pointer, message }];
}

function backendText({ backend, owner }: ServedMember): string {
  return `Backend/${backend} of ${refText(refOf(owner))}`;
}
