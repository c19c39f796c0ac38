import { keyOf, refOf, refText, type Resource } from '../../resource.js';
import { isOfKind, type SetRule } from '../kind.js';
import { specOf } from '../spec-of.js';
import type { AnnouncementSpec } from './announcement-specs.js';
import { ANNOUNCEMENT, virtualRouterPointer } from './announcement.js';

/**
 * A virtual router is of one Announcement: two that send advertisements of one number on one segment would take each other for
 * the same router. Segments are told apart by the name of the interface. RFC 5798 section 5.2.3.
 */
export const ONE_VIRTUAL_ROUTER: SetRule = {
  about: [ANNOUNCEMENT],
  places,
  *near(resource, { at }) {
    for (const place of places(resource)) yield* at(place);
  },
  over(resources) {
    const owners = new Map<string, Resource[]>();
    for (const resource of resources)
      for (const place of places(resource)) owners.set(place, [...(owners.get(place) ?? []), resource]);
    return (resource) =>
      places(resource).flatMap((place, at) => {
        const other = owners.get(place)?.find((one) => keyOf(one) !== keyOf(resource));
        if (!other) return [];
        return [
          { pointer: virtualRouterPointer(at), message: `${refText(refOf(other))} already has ${place}` },
        ];
      });
  },
};

/** In the order of `virtualRouterIds`. */
function places(resource: Resource): readonly string[] {
  if (!isOfKind(resource, ANNOUNCEMENT)) return [];
  const { interface: device = '', virtualRouterIds = [] } = specOf<AnnouncementSpec>(resource);
  return virtualRouterIds.map((id) => `virtual router ${id} on ${device}`);
}
