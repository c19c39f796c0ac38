import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { subjectToken } from '@signalbox/contracts';
import type { Log, SiteConfig } from '@signalbox/runtime';
import type { DriverFactory } from './driver-slot.js';
import { HaproxyDriver, type HaproxySettings } from './haproxy/haproxy-driver.js';
import { NftablesDriver } from './nftables/nftables-driver.js';
import type { PortMemory } from './port-memory.js';
import { SimDriver } from './sim/sim-driver.js';
import { connectVpp } from './vpp/api/vpp-client.js';
import { INSTALLED_API_DIR, nodeDescription } from './vpp/api/installed-description.js';
import type { Connect } from './vpp/vpp-link.js';
import { VppDriver } from './vpp/vpp-driver.js';

/** Where VPP listens for clients of its API. */
const DEFAULT_API_SOCKET = '/run/vpp/api.sock';

/** The drivers of this version. What they keep on the disk is in a directory of the node. */
export function driverFactory(config: SiteConfig, ports: PortMemory, log: Log): DriverFactory {
  return async (driver) => {
    switch (driver) {
      case 'sim':
        return new SimDriver({ ports });
      case 'haproxy':
        return new HaproxyDriver(await haproxySettings(config), ports);
      case 'nftables':
        return new NftablesDriver({ node: config.lb.node, ...config.lb.nftables }, ports);
      case 'vpp':
        return new VppDriver({ node: config.lb.node, connect: vppConnect(config), log });
    }
  };
}

/** Each connection reads the description anew: VPP may have been upgraded between. */
export function vppConnect({ lb }: Pick<SiteConfig, 'lb'>): Connect {
  const { apiSocket = DEFAULT_API_SOCKET, apiDir = INSTALLED_API_DIR } = lb.vpp ?? {};
  return async (deadline) => {
    const { description } = await nodeDescription(apiDir);
    return connectVpp(apiSocket, { clientName: 'signalbox', description, deadline });
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
