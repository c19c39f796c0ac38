import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError, subjectToken } from '@signalbox/contracts';
import type { SiteConfig } from '@signalbox/runtime';
import type { DriverFactory } from './driver-slot.js';
import { HaproxyDriver, type HaproxySettings } from './haproxy/haproxy-driver.js';
import { NftablesDriver } from './nftables/nftables-driver.js';
import type { PortMemory } from './port-memory.js';
import { SimDriver } from './sim/sim-driver.js';

/** The drivers of this version. What they keep on the disk is in a directory of the node. */
export function driverFactory(config: SiteConfig, ports: PortMemory): DriverFactory {
  return async (driver) => {
    switch (driver) {
      case 'sim':
        return new SimDriver({ ports });
      case 'haproxy':
        return new HaproxyDriver(await haproxySettings(config), ports);
      case 'nftables':
        return new NftablesDriver({ node: config.lb.node, ...config.lb.nftables }, ports);
      default:
        throw new CodedError(
          'data-plane-refused',
          `there is no driver ${driver} in this version: the node needs sim, haproxy or nftables`,
        );
    }
  };
}

/** An instance of somebody else where its socket is named; else a child of our own. */
async function haproxySettings({ stateDir, lb }: SiteConfig): Promise<HaproxySettings> {
  const { bin, config, masterSocket, statsSocket } = lb.haproxy;
  const dir = join(stateDir, 'dataplane-agent', subjectToken(lb.node));
  await mkdir(dir, { recursive: true, mode: 0o700 });
  return {
    configFile: config ?? join(dir, 'haproxy.cfg'),
    masterSocket: masterSocket ?? join(dir, 'master.sock'),
    statsSocket: statsSocket ?? join(dir, 'stats.sock'),
    ownsProcess: masterSocket === undefined,
    ...(bin !== undefined && { program: bin }),
  };
}
