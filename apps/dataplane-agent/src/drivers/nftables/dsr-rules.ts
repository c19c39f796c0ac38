import { sha256Hex } from '@signalbox/contracts';
import { kernelAddress, type NftListener } from './nft-listener.js';
import { listenerChain, listenerId, slotMap, targetChain, targetCounter } from './nft-names.js';
import type { TargetSlots } from './target-slots.js';

/**
 * Rules of listeners whose targets answer clients themselves: a table of the family `netdev`, which sees packets as they come in,
 * before anybody asks where they go. Each packet is given a slot by what it says of its client, and goes to the target of the slot as
 * it is, to the address that the kernel knows for that neighbour: nothing is kept, and nothing translated. Reference load-balancing section 3.
 */

/** Chain that finds the listener of a packet. */
export const INGRESS_CHAIN = 'choose';

/** Behind rules of others at this place, which may drop what they like. */
const PRIORITY = 10;

const FAMILIES = [
  { ip: 'ip', addresses: 'ipv4_addr', map: 'd4', whole: 'ip frag-off & 0x3fff == 0' },
  { ip: 'ip6', addresses: 'ipv6_addr', map: 'd6', whole: 'exthdr frag missing' },
] as const;

/** Maps from an address and a port to the chain of the listener there: names and definitions. */
export function ingressMaps(): readonly (readonly [name: string, definition: string])[] {
  return FAMILIES.map(({ addresses, map }) => [
    map,
    `type inet_proto . ${addresses} . inet_service : verdict;`,
  ]);
}

/**
 * Rules of {@link INGRESS_CHAIN}. Only whole packets: of the parts of one, the first alone has the ports by which its listener is
 * found. None with a VLAN tag, which those of another segment have, and which would go out with it.
 */
export function ingressRules(): readonly string[] {
  return FAMILIES.map(
    ({ ip, map, whole }) => `ether type ${ip} ${whole} meta l4proto . ${ip} daddr . th dport vmap @${map}`,
  );
}

/** Chain by which packets of a device come in. */
export function deviceChain(device: string): string {
  return `in_${sha256Hex(device).slice(0, 12)}`;
}

/** Where the kernel calls it. */
export function deviceHook(device: string): string {
  return `type filter hook ingress device "${device}" priority ${PRIORITY}`;
}

/** What is for others on the same wire passes. */
export const DEVICE_RULE = `meta pkttype host goto ${INGRESS_CHAIN}`;

/**
 * Lines of each chain that a listener has there, by its name: its own, unless no target is served, and one for each target that
 * somebody answers at. `slots`: of the listener.
 */
export function dsrRules(
  listener: NftListener,
  slots: TargetSlots | undefined,
): ReadonlyMap<string, readonly string[]> {
  const id = listenerId(listener);
  const chains = new Map<string, readonly string[]>();
  if (slots) chains.set(listenerChain(id), [`${slots.number} vmap @${slotMap(id)}`]);
  for (const target of listener.targets) {
    if (target.device === undefined) continue;
    const { protocol, listensAt } = listener;
    const count = (kind: 'flows' | 'fromClients') => `counter name "${targetCounter(kind, id, target)}"`;
    const ip = listensAt.address.includes(':') ? 'ip6' : 'ip';
    chains.set(targetChain(id, target), [
      // a first packet is all that there is to know of a connection
      ...(protocol === 'tcp' ? [`tcp flags & (syn|ack) == syn ${count('flows')}`] : []),
      `${count('fromClients')} fwd ${ip} to ${kernelAddress(target.address)} device "${target.device}"`,
    ]);
  }
  return chains;
}
