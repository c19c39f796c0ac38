import { type ListenAt, vipKey, type NodeSettings } from '@signalbox/contracts';

/** Where a node listens that has no address of its own to give away: every machine has this one. */
const LOOPBACK = '127.0.0.1';

/**
 * Where a node listens for a port of a VIP; undefined: at the VIP itself. An entry for the port counts before one for all
 * ports of the VIP. `sim` can never have the VIP, and takes a free port. ADR 0023.
 */
export function listenAt(
  { driver, listenMap }: Pick<NodeSettings, 'driver' | 'listenMap'>,
  vip: string,
  port: number,
): ListenAt | undefined {
  const entry = listenMap.get(vipKey(vip, port)) ?? listenMap.get(vipKey(vip));
  if (entry) return { address: entry.listen, port: entry.listenPort ?? port };
  return driver === 'sim' ? { address: LOOPBACK } : undefined;
}
