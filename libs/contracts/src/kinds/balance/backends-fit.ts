import type { FieldError } from '../../errors.js';
import { type AddressFamily, canonicalAddress } from '../../ip-address.js';
import { keyOf, refOf, refText, type Resource } from '../../resource.js';
import { isOfKind, type ResourceLookup, type SetRule } from '../kind.js';
import { specOf } from '../spec-of.js';
import { backendPlace, FRONTEND, inlineMembers } from './frontend.js';
import { POOL_MEMBER } from './pool-member.js';
import type { FrontendSpec, PoolMemberSpec } from './specs.js';

/** One backend of a frontend, and the Frontend or PoolMember that names it. */
interface Member {
  readonly owner: Resource;
  readonly pointer: string;
  readonly backend: string;
  /** Its address and port. */
  readonly place: string;
  readonly family: AddressFamily;
  readonly frontend: string;
  readonly vip: string;
}

/**
 * All backends behind one VIP address are of one family, because its tunnels are; no two backends of a frontend have
 * one address and port. Counts what Frontends name themselves and what PoolMembers bring. Reference maglev 2.8 (3, 5).
 */
export const BACKENDS_FIT: SetRule = {
  about: [FRONTEND, POOL_MEMBER],
  needsReferences: true,
  over(resources, lookup) {
    const families = new Map<string, Map<AddressFamily, Member>>();
    const places = new Map<string, Member[]>();
    for (const resource of resources) {
      for (const member of membersOf(resource, lookup)) {
        const ofVip = families.get(member.vip) ?? new Map<AddressFamily, Member>();
        families.set(member.vip, ofVip);
        if (!ofVip.has(member.family)) ofVip.set(member.family, member);
        const key = placeKey(member);
        places.set(key, [...(places.get(key) ?? []), member]);
      }
    }
    return (resource) => {
      const members = membersOf(resource, lookup);
      const twice = members.flatMap((member) => twiceError(member, places.get(placeKey(member)) ?? []));
      const strange = members.flatMap((member) => familyError(member, families.get(member.vip)));
      return [...twice, ...strange.slice(0, 1)];
    };
  },
};

function membersOf(resource: Resource, lookup: ResourceLookup): Member[] {
  const isFrontend = isOfKind(resource, FRONTEND);
  if (!isFrontend && !isOfKind(resource, POOL_MEMBER)) return [];
  const { frontendRef, backendRef } = specOf<PoolMemberSpec>(resource);
  const frontend = isFrontend ? resource : lookup(FRONTEND.apiVersion, FRONTEND.kind, frontendRef);
  if (!frontend) return [];
  const spec = specOf<FrontendSpec>(frontend);
  const named = isFrontend ? inlineMembers(spec) : [{ backend: backendRef, pointer: '/spec/backendRef' }];
  return named.flatMap(({ backend, pointer }) => {
    const target = backendPlace(backend, lookup);
    if (!target?.family) return [];
    const { place, family } = target;
    const vip = canonicalAddress(spec.address);
    return [{ owner: resource, pointer, backend, place, family, frontend: frontend.metadata.name, vip }];
  });
}

function placeKey({ frontend, place }: Member): string {
  return `${frontend}\0${place}`;
}

/** A pair that both a Frontend and a PoolMember name is the business of the PoolMember's own rule. */
function twiceError(
  { owner, pointer, backend, place }: Member,
  there: readonly Member[],
): readonly FieldError[] {
  const other = there.find((member) => keyOf(member.owner) !== keyOf(owner) && member.backend !== backend);
  if (!other) return [];
  return [{ pointer, message: `has the address ${place} of ${backendText(other)}` }];
}

function familyError(
  { pointer, family, vip }: Member,
  ofVip: ReadonlyMap<AddressFamily, Member> | undefined,
): readonly FieldError[] {
  const other = ofVip?.get(family === 'ipv4' ? 'ipv6' : 'ipv4');
  if (!other) return [];
  const message = `is ${family}, but ${backendText(other)} is ${other.family}: backends behind ${vip} must be of one family`;
  return [{ pointer, message }];
}

function backendText({ backend, owner }: Member): string {
  return `Backend/${backend} of ${refText(refOf(owner))}`;
}
