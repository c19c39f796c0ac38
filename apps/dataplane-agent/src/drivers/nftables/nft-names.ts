import { addressFamily, sha256Hex, subjectToken } from '@signalbox/contracts';
import { kernelAddress, type NftListener } from './nft-listener.js';
import type { Place } from '../place.js';

/** Characters of the digest that stands for a listener. */
const DIGEST_CHARACTERS = 12;

/** What a counter counts; the first letter of its name, and of the map that finds it. */
export const COUNTER_KINDS = { flows: 'n', fromClients: 'i', toClients: 'o', failures: 'e' } as const;
export type CounterKind = keyof typeof COUNTER_KINDS;

/** The table of a node, in the family `inet`: all of it is ours, and nothing outside of it. */
export function tableName(node: string): string {
  return `signalbox_${subjectToken(node)}`;
}

/** The last characters of the names of maps and sets, which hold addresses of one family. */
export function familySuffix(address: string): '4' | '6' {
  return addressFamily(address) === 'IPv4' ? '4' : '6';
}

/**
 * What stands for a listener in names. A listener that changes its protocol or its family is another one: maps keep their types
 * as long as they live.
 */
export function listenerId({
  name,
  protocol,
  listensAt,
}: Pick<NftListener, 'name' | 'protocol' | 'listensAt'>): string {
  const text = `${protocol} ${familySuffix(listensAt.address)} ${name}`;
  return sha256Hex(text).slice(0, DIGEST_CHARACTERS);
}

/** Chain that chooses among the targets of a listener. */
export function listenerChain(id: string): string {
  return `l_${id}`;
}

/** Chain that sends a flow to one target. */
export function targetChain(id: string, target: Place): string {
  return `t_${id}_${placeSuffix(target)}`;
}

/** Chain without a rule whose comment is a part of what the listener was made from. */
export function infoChain(id: string, part: number): string {
  return `i_${id}_${part}`;
}

/** Map from a slot to the chain of a target. */
export function slotMap(id: string): string {
  return `m_${id}`;
}

/** Set of the clients that belong to a target. */
export function clientSet(id: string, target: Place): string {
  return `s_${id}_${placeSuffix(target)}`;
}

export function targetCounter(kind: CounterKind, id: string, target: Place): string {
  return `${COUNTER_KINDS[kind]}_${id}_${placeSuffix(target)}`;
}

/** Counts flows that found no target. */
export function refusedCounter(id: string): string {
  return `r_${id}`;
}

/** Map from a flow's listener and target to its counter. */
export function counterMap(kind: CounterKind, address: string): string {
  return `${COUNTER_KINDS[kind]}${familySuffix(address)}`;
}

/** Map from an address and a port to the chain of the listener there. */
export function placeMap(address: string): string {
  return `d${familySuffix(address)}`;
}

/** Set of the connections that were cut. */
export function cutSet(address: string): string {
  return `k${familySuffix(address)}`;
}

/** Map from the client of a connection that was cut to where it had sent it. */
export function toldMap(address: string): string {
  return `w${familySuffix(address)}`;
}

/** How long a flow of datagrams is kept, as an object that flows are given; whole seconds. */
export function flowTimeout(seconds: number, address: string): string {
  return `u${familySuffix(address)}_${seconds}`;
}

/** Names of the kernel have no colons. */
function placeSuffix({ address, port }: Place): string {
  return `${kernelAddress(address).replaceAll(':', '_')}_${port}`;
}
