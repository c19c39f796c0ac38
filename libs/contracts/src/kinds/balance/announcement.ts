import { FLAG, listOf, oneOf, shape, text, wholeNumber } from '../../schema/shape.js';
import type { Kind } from '../kind.js';
import { checkReference } from '../reference.js';
import { specOf } from '../spec-of.js';
import { antiAffinityErrors, methodErrors, timeErrors } from './announcement-fields.js';
import { ANNOUNCE_METHODS, type AnnouncementSpec } from './announcement-specs.js';
import { BGP_PEER } from './bgp-peer.js';
import { repeated } from './listener-options.js';
import { BALANCE_API } from './specs.js';
import { VIP_POOL } from './vip-pool.js';

/** Most entries of each list of an Announcement, and VIPs of one set of `antiAffinity`. */
const MAX_ENTRIES = 1000;
/** Most communities of one: a route has to fit into a message of BGP, which has 4096 bytes. */
const MAX_COMMUNITIES = 100;
/** Virtual routers of one segment: VRRP has one byte for them. RFC 5798 section 5.2.3. */
const MAX_ROUTERS = 255;

const METRIC = wholeNumber(0, 2 ** 32 - 1);
const NAMES = listOf(text('resource-ref'), { minItems: 1, maxItems: MAX_ENTRIES });

/** Which VIPs are announced how, and by whom. ADR 0042. */
export const ANNOUNCEMENT: Kind = {
  apiVersion: BALANCE_API,
  kind: 'Announcement',
  schema: shape<AnnouncementSpec>(
    { method: oneOf(ANNOUNCE_METHODS), vipPools: NAMES },
    {
      nodeGroups: NAMES,
      withdrawWithoutTargets: FLAG,
      drainTime: text('duration-or-zero'),
      peers: NAMES,
      communities: listOf(text('community'), { minItems: 1, maxItems: MAX_COMMUNITIES }),
      localPref: METRIC,
      med: METRIC,
      interface: text('interface-name'),
      leaseTime: text('duration'),
      virtualRouterIds: listOf(wholeNumber(1, MAX_ROUTERS), { minItems: 1, maxItems: MAX_ROUTERS }),
      advertInterval: text('duration'),
      preempt: FLAG,
      antiAffinity: listOf(listOf(text('ip'), { minItems: 2, maxItems: MAX_ENTRIES }), {
        maxItems: MAX_ENTRIES,
      }),
    },
  ),
  whyDefaultProject: 'a VipPool serves all projects, and so does what announces its addresses',
  checkFields(resource) {
    const spec = specOf<AnnouncementSpec>(resource);
    const { vipPools, nodeGroups = [], peers = [], communities = [], virtualRouterIds = [] } = spec;
    return [
      ...methodErrors(spec),
      ...timeErrors(spec),
      ...repeated(vipPools, vipPoolPointer, 'pool'),
      ...repeated(nodeGroups, (at) => `/spec/nodeGroups/${at}`, 'group'),
      ...repeated(peers, peerPointer, 'peer'),
      ...repeated(communities, (at) => `/spec/communities/${at}`, 'community'),
      ...repeated(virtualRouterIds.map(String), virtualRouterPointer, 'virtual router'),
      ...antiAffinityErrors(spec),
    ];
  },
  checkReferences(resource, lookup) {
    const { vipPools, peers = [] } = specOf<AnnouncementSpec>(resource);
    return [
      ...vipPools.flatMap((name, at) => checkReference(vipPoolPointer(at), VIP_POOL, name, lookup)),
      ...peers.flatMap((name, at) => checkReference(peerPointer(at), BGP_PEER, name, lookup)),
    ];
  },
};

/** Where an Announcement names one of its VipPools. */
export function vipPoolPointer(at: number): string {
  return `/spec/vipPools/${at}`;
}

/** Where an Announcement names one of its virtual routers. */
export function virtualRouterPointer(at: number): string {
  return `/spec/virtualRouterIds/${at}`;
}

function peerPointer(at: number): string {
  return `/spec/peers/${at}`;
}
