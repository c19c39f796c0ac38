import { sizeOf } from '@signalbox/contracts';
import type { Metrics } from '@signalbox/runtime';
import type { VipLeases } from './vip-leases.js';

/** Shows gauges of the VipPools from now on, computed at the scrape. */
export function showVips(metrics: Metrics, vips: VipLeases): void {
  const addresses = metrics.gauge(
    'signalbox_vip_addresses',
    'Addresses of a VipPool that are held by somebody (used), in quarantine, and free',
    ['pool', 'state'],
  );
  const waiting = metrics.gauge('signalbox_vip_waiting', 'Claims and load balancers that have no VIP');
  const collect = (): void => {
    addresses.reset();
    for (const { pool, used, quarantined } of vips.counts) {
      addresses.set({ pool: pool.name, state: 'used' }, used);
      addresses.set({ pool: pool.name, state: 'quarantined' }, quarantined);
      addresses.set({ pool: pool.name, state: 'free' }, Number(sizeOf(pool)) - used - quarantined);
    }
  };
  Object.assign(addresses, { collect });
  Object.assign(waiting, { collect: () => waiting.set(vips.waiting) });
}
