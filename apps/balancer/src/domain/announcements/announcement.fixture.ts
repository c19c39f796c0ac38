import {
  type AnnouncementSpec,
  BALANCE_API,
  type BfdProfileSpec,
  type BgpPeerSpec,
  type Resource,
  validateResource,
} from '@signalbox/contracts';

/** Builders for the tests of announcements: a valid resource, changed where the test cares. */

function made(kind: string, name: string, spec: object): Resource {
  return validateResource({ apiVersion: BALANCE_API, kind, metadata: { name }, spec });
}

/** By bird, of the pool `edge`. */
export function anAnnouncement(name: string, change: Partial<AnnouncementSpec> = {}): Resource {
  return made('Announcement', name, { method: 'bird', vipPools: ['edge'], ...change });
}

export function aPeer(name: string, change: Partial<BgpPeerSpec> = {}): Resource {
  return made('BgpPeer', name, { address: '203.0.113.1', asn: 65000, localAsn: 65010, ...change });
}

export function aProfile(name: string, change: Partial<BfdProfileSpec> = {}): Resource {
  return made('BfdProfile', name, { receiveInterval: '50ms', ...change });
}

export function aPool(name: string, addresses: readonly string[]): Resource {
  return made('VipPool', name, { addresses });
}
