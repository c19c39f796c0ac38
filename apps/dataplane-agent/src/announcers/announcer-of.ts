import { type AnnounceMethod, CodedError } from '@signalbox/contracts';
import type { Log, SiteConfig } from '@signalbox/runtime';
import type { VipAnnouncer } from './announcer.js';
import { BIRD_PLACES, BirdAnnouncer } from './bird/bird-announcer.js';

/** Makes the announcer of a method, once a VIP is announced by it. Throws `announce-refused` for one that there is none for. */
export type AnnouncerFactory = (method: AnnounceMethod) => VipAnnouncer | Promise<VipAnnouncer>;

/** Makes the announcers of a node. */
export type Announcers = (config: SiteConfig, log: Log) => AnnouncerFactory;

/** The announcers of this version. */
export const announcerFactory: Announcers = (config) => (method) => {
  if (method === 'bird') return new BirdAnnouncer({ ...BIRD_PLACES, ...config.lb.bird });
  throw new CodedError('announce-refused', `there is no announcer ${method} in this version`);
};
