import { resolve } from 'node:path';
import { type AnnounceMethod, CodedError, subjectToken } from '@signalbox/contracts';
import type { Log, SiteConfig } from '@signalbox/runtime';
import type { Leaders } from '../leases/leaders.js';
import { AddressAnnouncer } from './address/address-announcer.js';
import type { VipAnnouncer } from './announcer.js';
import { BIRD_PLACES, BirdAnnouncer } from './bird/bird-announcer.js';
import { VrrpAnnouncer } from './vrrp/vrrp-announcer.js';

/** Makes the announcer of a method, once a VIP is announced by it. Throws `announce-refused` for one that there is none for. */
export type AnnouncerFactory = (method: AnnounceMethod) => VipAnnouncer | Promise<VipAnnouncer>;

/** Makes the announcers of a node. `leaders`: where nodes agree on who leads a VIP. */
export type Announcers = (config: SiteConfig, log: Log, leaders: Leaders) => AnnouncerFactory;

/** The announcers of this version. What they keep on the disk is in a directory of the node. */
export const announcerFactory: Announcers = (config, log, leaders) => (method) => {
  switch (method) {
    case 'bird':
      return new BirdAnnouncer({ ...BIRD_PLACES, ...config.lb.bird });
    case 'gobgp':
      return gobgpAnnouncer(config);
    case 'address':
      return addressAnnouncer(config, log, leaders);
    case 'vrrp':
      return vrrpAnnouncer(config);
    default:
      throw new CodedError('announce-refused', `there is no announcer ${method} in this version`);
  }
};

/** Loaded when a node needs it: no other part of an agent speaks gRPC. */
async function gobgpAnnouncer({ lb }: SiteConfig): Promise<VipAnnouncer> {
  const { GOBGP_ADDRESS, GobgpAnnouncer } = await import('./gobgp/gobgp-announcer.js');
  return new GobgpAnnouncer(lb.gobgpAddress ?? GOBGP_ADDRESS);
}

function vrrpAnnouncer({ stateDir, lb }: SiteConfig): VrrpAnnouncer {
  const { node, keepalived, nftables } = lb;
  return new VrrpAnnouncer({
    directory: resolve(stateDir, 'dataplane-agent', subjectToken(node), 'vrrp'),
    ...(keepalived !== undefined && { keepalived }),
    ...(nftables.ip !== undefined && { ip: nftables.ip }),
  });
}

function addressAnnouncer({ lb }: SiteConfig, log: Log, leaders: Leaders): AddressAnnouncer {
  const { node, neighbours, nftables } = lb;
  return new AddressAnnouncer(
    { node, ...neighbours, ...(nftables.ip !== undefined && { ip: nftables.ip }) },
    leaders,
    log,
  );
}
