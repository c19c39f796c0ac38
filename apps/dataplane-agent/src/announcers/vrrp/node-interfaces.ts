import { addressKey } from '@signalbox/contracts';
import { addressesIn } from './keepalived-text.js';
import { runProgram } from '../run-program.js';
import type { NodeInterfaces } from './vip-refusals.js';
import { unavailable } from '../announcer-error.js';
import type { OrderTime } from '../../order-time.js';

interface Listed {
  readonly ifname: string;
  readonly addr_info?: readonly { readonly local?: string }[];
}

/** Reads what the node has. `ours`: what keepalived may have put there, as text for `ip -batch`. Rejects with `announcer-unavailable`. */
export async function readInterfaces(ip: string, ours: string, time: OrderTime): Promise<NodeInterfaces> {
  const { code, out, err } = await runProgram(ip, ['-j', 'address', 'show'], time, {
    advice: 'install iproute2, or name the program',
  });
  if (code !== 0) throw unavailable(`${ip} failed: ${err.trim()}`);
  return interfacesOf(JSON.parse(out) as readonly Listed[], ours);
}

/** As `ip -j address` lists them. */
export function interfacesOf(listed: readonly Listed[], ours: string): NodeInterfaces {
  const own = new Set([...addressesIn(ours)].map(addressKey));
  const others = new Map<string, string>();
  for (const { ifname, addr_info: addresses = [] } of listed)
    for (const { local } of addresses)
      if (local !== undefined && !own.has(addressKey(local))) others.set(addressKey(local), ifname);
  return { names: new Set(listed.map(({ ifname }) => ifname)), others };
}
