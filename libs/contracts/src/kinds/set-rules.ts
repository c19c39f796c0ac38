import { ANNOUNCEMENTS_APART } from './balance/announcements-apart.js';
import { BACKENDS_FIT } from './balance/backends-fit.js';
import { L7_BOUNDS } from './balance/l7-bounds.js';
import { NAMES_APART } from './balance/names-apart.js';
import { NO_CYCLE } from './balance/no-cycle.js';
import { ONE_VIP } from './balance/one-vip.js';
import { ONE_VIRTUAL_ROUTER } from './balance/one-virtual-router.js';
import { POOLS_APART } from './balance/pools-apart.js';
import { VIPS_FIT } from './balance/vips-fit.js';
import { ONE_SCHEMA } from './config/one-schema.js';
import { ONE_SINK } from './config/one-sink.js';
import { EVENT_GROUP, listenKey } from './event-group.js';
import { ONE_SLO } from './federation-slo.js';
import { isOfKind, type SetRule } from './kind.js';
import { ONE_HEIR } from './one-heir.js';
import { keyOf, refOf, refText, type Resource } from '../resource.js';

/** No two EventGroups listen on one address:port. */
const ONE_LISTENER: SetRule = {
  about: [EVENT_GROUP],
  places: listenPlaces,
  *near(group, { at }) {
    for (const place of listenPlaces(group)) yield* at(place);
  },
  over(resources) {
    const listeners = new Map<string, Resource[]>();
    for (const group of resources) {
      const place = isOfKind(group, EVENT_GROUP) ? listenKey(group) : undefined;
      if (place === undefined) continue;
      const others = listeners.get(place);
      if (others) others.push(group);
      else listeners.set(place, [group]);
    }
    return (resource) => {
      const place = listenKey(resource);
      if (place === undefined) return [];
      const other = listeners.get(place)?.find((group) => keyOf(group) !== keyOf(resource));
      if (!other) return [];
      return [{ pointer: '/spec/listen', message: `${refText(refOf(other))} already listens on ${place}` }];
    };
  },
};

/** File systems that do not tell letter case apart would keep the facts of two such groups in one place. */
const ONE_SPELLING: SetRule = {
  about: [EVENT_GROUP],
  places: spellingPlaces,
  *near(group, { at }) {
    for (const place of spellingPlaces(group)) yield* at(place);
  },
  over(resources) {
    const spellings = new Map<string, string[]>();
    for (const group of resources) {
      if (!isOfKind(group, EVENT_GROUP)) continue;
      const { name } = group.metadata;
      const folded = name.toLowerCase();
      spellings.set(folded, [...(spellings.get(folded) ?? []), name]);
    }
    return ({ metadata: { name } }) => {
      const other = spellings.get(name.toLowerCase())?.find((spelling) => spelling !== name);
      if (other === undefined) return [];
      const message = `differs from EventGroup/${other} by letter case only: choose another name`;
      return [{ pointer: '/metadata/name', message }];
    };
  },
};

function listenPlaces(resource: Resource): readonly string[] {
  const place = isOfKind(resource, EVENT_GROUP) ? listenKey(resource) : undefined;
  return place === undefined ? [] : [`listens on ${place}`];
}

function spellingPlaces(resource: Resource): readonly string[] {
  return isOfKind(resource, EVENT_GROUP) ? [`spelled ${resource.metadata.name.toLowerCase()}`] : [];
}

/** Every rule over several resources. */
export const SET_RULES: readonly SetRule[] = [
  ONE_LISTENER,
  ONE_SPELLING,
  ONE_VIP,
  POOLS_APART,
  VIPS_FIT,
  ANNOUNCEMENTS_APART,
  ONE_VIRTUAL_ROUTER,
  NAMES_APART,
  BACKENDS_FIT,
  L7_BOUNDS,
  NO_CYCLE,
  ONE_SCHEMA,
  ONE_SINK,
  ONE_SLO,
  ONE_HEIR,
];
