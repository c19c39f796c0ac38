import { keyOf, refOf, refText, type Resource } from '../../resource.js';
import { isOfKind, type ReferenceFieldError, type SetRule } from '../kind.js';
import { specOf } from '../spec-of.js';
import type { AnnouncementSpec } from './announcement-specs.js';
import { ANNOUNCEMENT, vipPoolPointer } from './announcement.js';
import { NODE } from './node.js';
import type { NodeSpec } from './specs.js';

/** There are few of them, and each may meet each. */
const ANNOUNCEMENTS = 'Announcements';

/** Why two Announcements cannot both be done by one node, as the first of them is told. */
interface Clash {
  readonly pointer: string;
  readonly what: string;
}

/**
 * On no node two Announcements announce one VipPool, since a VIP is announced in one way there; and none speaks to one
 * BgpPeer by two daemons, since a router takes one session from an address. Nodes are what their groups say. ADR 0042.
 */
export const ANNOUNCEMENTS_APART: SetRule = {
  about: [ANNOUNCEMENT, NODE],
  places(resource) {
    if (isOfKind(resource, ANNOUNCEMENT)) return [ANNOUNCEMENTS];
    return isOfKind(resource, NODE) ? (specOf<NodeSpec>(resource).groups ?? []).map(groupPlace) : [];
  },
  *near(resource, { at }) {
    yield* at(ANNOUNCEMENTS);
    if (!isOfKind(resource, ANNOUNCEMENT)) return;
    for (const group of specOf<AnnouncementSpec>(resource).nodeGroups ?? []) yield* at(groupPlace(group));
  },
  over(resources) {
    const announcements: Resource[] = [];
    const nodes: Resource[] = [];
    for (const resource of resources) {
      if (isOfKind(resource, ANNOUNCEMENT)) announcements.push(resource);
      if (isOfKind(resource, NODE)) nodes.push(resource);
    }
    return (resource) =>
      isOfKind(resource, NODE)
        ? nodeErrors(resource, announcements)
        : announcementErrors(resource, announcements, nodes);
  },
};

function announcementErrors(
  resource: Resource,
  all: readonly Resource[],
  nodes: readonly Resource[],
): readonly ReferenceFieldError[] {
  return all.flatMap((other): ReferenceFieldError[] => {
    const clash = keyOf(other) === keyOf(resource) ? undefined : clashOf(resource, other);
    const where = clash && meetingPlace(resource, other, nodes);
    if (!clash || where === undefined) return [];
    return [{ pointer: clash.pointer, message: `${clash.what}, and both are for ${where}` }];
  });
}

/** What is said of a node whose groups alone bring two Announcements together. */
function nodeErrors(node: Resource, all: readonly Resource[]): readonly ReferenceFieldError[] {
  for (const [at, one] of all.entries())
    for (const other of all.slice(at + 1)) {
      const clash = clashOf(one, other);
      if (!clash || meetingPlace(one, other, []) !== undefined) continue;
      if (meetingPlace(one, other, [node]) === undefined) continue;
      const message = `are those of ${refText(refOf(one))} and ${refText(refOf(other))}: ${clash.what}`;
      return [{ pointer: '/spec/groups', message }];
    }
  return [];
}

function clashOf(asking: Resource, other: Resource): Clash | undefined {
  const [mine, theirs] = [specOf<AnnouncementSpec>(asking), specOf<AnnouncementSpec>(other)];
  const at = mine.vipPools.findIndex((pool) => theirs.vipPools.includes(pool));
  if (at >= 0) {
    const what = `${refText(refOf(other))} announces VipPool/${mine.vipPools[at]} too`;
    return { pointer: vipPoolPointer(at), what };
  }
  const peer = sharedPeer(mine, theirs);
  if (peer === undefined) return undefined;
  return { pointer: '/spec/method', what: `${refText(refOf(other))} speaks to ${peer} by ${theirs.method}` };
}

/** A router to which two daemons of one node would speak. */
function sharedPeer(mine: AnnouncementSpec, theirs: AnnouncementSpec): string | undefined {
  const methods = [mine.method, theirs.method];
  if (!methods.includes('bird') || !methods.includes('gobgp')) return undefined;
  const [first, second] = [mine.peers, theirs.peers];
  const peer = first && second ? first.find((name) => second.includes(name)) : (first ?? second)?.[0];
  if (peer !== undefined) return `BgpPeer/${peer}`;
  return first && second ? undefined : 'all BgpPeers';
}

/** Nodes that do both; undefined: none does. */
function meetingPlace(a: Resource, b: Resource, nodes: readonly Resource[]): string | undefined {
  const [first, second] = [a, b].map((one) => specOf<AnnouncementSpec>(one).nodeGroups);
  if (!first || !second) {
    const group = (first ?? second)?.[0];
    return group === undefined ? 'every node' : `nodes of group ${group}`;
  }
  const group = first.find((name) => second.includes(name));
  if (group !== undefined) return `nodes of group ${group}`;
  const node = nodes.find((one) => {
    const { groups = [] } = specOf<NodeSpec>(one);
    return groups.some((name) => first.includes(name)) && groups.some((name) => second.includes(name));
  });
  return node && refText(refOf(node));
}

function groupPlace(group: string): string {
  return `node in group ${group}`;
}
