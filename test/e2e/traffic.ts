import { BALANCE_API, type ListenMapEntry, type NodeDriver, type Resource } from '@signalbox/contracts';
import { freePort } from '@signalbox/embedded';
import { optionalProgram, type Site, until } from '@signalbox/testing';
import type { ListenerItem } from '../../apps/cli/src/rest/answers.js';
import {
  LineClient,
  NamedServer,
  type Origin,
  type Place,
  Traffic,
} from '../../apps/dataplane-agent/src/drivers/named-servers.fixture.js';
import { backend } from './balance-site.js';
import { resource } from './manifests.js';

export { LineClient, NamedServer, type Origin, type Place, Traffic };

/** Absent where HAProxy is not installed: the end of the run names what was left out. */
export const HAPROXY = optionalProgram('haproxy', 'traffic through a site with a real HAProxy');

/** The drivers that carry traffic on this machine. */
export const DRIVERS: readonly NodeDriver[] = HAPROXY === undefined ? ['sim'] : ['sim', 'haproxy'];

/** What a site needs to find HAProxy. */
export const HAPROXY_ENV = HAPROXY === undefined ? {} : { SIGNALBOX_HAPROXY_BIN: HAPROXY };

/** The VIP of a listener `web`, which no machine has. */
export const VIP = '192.0.2.10';

/** A resource of load balancing. */
export function balance(kind: string, name: string, spec: object): Resource {
  return resource(BALANCE_API, kind, name, spec);
}

/** The node of the site, which listens for the VIP on a loopback port that is free now; `more`: for what else it listens elsewhere. */
export async function localNode(
  driver: NodeDriver,
  change: object = {},
  more: readonly ListenMapEntry[] = [],
): Promise<Resource> {
  const listenPort = await freePort();
  return balance('Node', 'local', {
    driver,
    listenMap: [{ vip: VIP, port: 80, listen: '127.0.0.1', listenPort }, ...more],
    startupMinDelay: '0s',
    startupMaxDelay: '0s',
    ...change,
  });
}

/** A check by connects that comes to a verdict within a few hundred milliseconds. */
export function connectCheck(change: object = {}): Resource {
  const quick = { interval: '100ms', timeout: '1s', rise: 2, fall: 2 };
  return balance('HealthCheck', 'connect', { type: 'tcp', ...quick, ...change });
}

/** Backends named like the servers that they are. */
export function backendsOf(servers: readonly NamedServer[], change: object = {}): Resource[] {
  return servers.map(({ name, address, port }) => backend(name, address, { port, ...change }));
}

/** LoadBalancer, Listener and Pool `web`; without `backends` these are PoolMembers that come from elsewhere. */
export function webListener(
  backends?: Readonly<Record<string, { readonly weight?: number }>>,
  change: { readonly pool?: object; readonly listener?: object } = {},
): Resource[] {
  return [
    balance('LoadBalancer', 'web', { address: VIP }),
    balance('Pool', 'web', { ...(backends && { backends }), ...change.pool }),
    balance('Listener', 'web', {
      loadBalancer: 'web',
      protocol: 'tcp',
      port: 80,
      pools: ['web'],
      ...change.listener,
    }),
  ];
}

export async function findListener(site: Site, name: string): Promise<ListenerItem> {
  const { status, body } = await site.rest<ListenerItem>('GET', `/v1/listeners/${name}`);
  if (status !== 200) throw new Error(`listener ${name} answered ${status}: ${JSON.stringify(body)}`);
  return body;
}

/** Effective weights by backend; one that is in several pools has the sum. */
export function effectiveOf({ pools }: ListenerItem): Record<string, number> {
  const weights: Record<string, number> = {};
  for (const { backends } of pools)
    for (const { name, effective } of backends) weights[name] = (weights[name] ?? 0) + effective;
  return weights;
}

/** Waits until exactly these weights are decided and every node of the listener says that it serves so; tells where. */
export async function serves(
  site: Site,
  name: string,
  weights: Readonly<Record<string, number>>,
): Promise<Place> {
  const wanted = sorted(weights);
  await until(`${name} to weigh ${wanted}`, async () => {
    return sorted(effectiveOf(await findListener(site, name))) === wanted;
  });
  return placeOf(site, name);
}

/** Waits until every node of a listener says that it serves the newest state; tells where the first one listens. */
export function placeOf(site: Site, name: string): Promise<Place> {
  return until(`the nodes to serve ${name}`, async () => {
    const { provisioningStatus, nodes } = await findListener(site, name);
    return provisioningStatus === 'active' && nodes[0]?.listensAt;
  });
}

/** Value of a series of the site's that has no more labels than the node; 0 when there is none. */
export async function nodeMetric(site: Site, name: string, node = 'local'): Promise<number> {
  const line = (await site.metrics()).split('\n').find((one) => one.startsWith(`${name}{node="${node}"} `));
  return Number(line?.split(' ')[1] ?? 0);
}

function sorted(weights: Readonly<Record<string, number>>): string {
  return JSON.stringify(Object.entries(weights).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Looks on for so many milliseconds, and fails as soon as it is not so. That nothing happens is no condition to wait for: it can only
 * be seen by looking on for a while.
 */
export async function staysSo(
  what: string,
  check: () => Promise<boolean> | boolean,
  forMs: number,
): Promise<void> {
  for (const endMs = Date.now() + forMs; Date.now() < endMs;) {
    if (!(await check())) throw new Error(`expected ${what}, and it did not stay so`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
