import { addressFamily, canonicalAddress, type NodeListener } from '@signalbox/contracts';
import { orderOf } from './address-sort.js';

/** What tells the VIPs of VPP apart. */
export interface VipKey {
  /** In its one spelling. */
  readonly address: string;
  /** Of the prefix. */
  readonly length: number;
  /** Number of the protocol; {@link ALL_PORTS} with port 0. */
  readonly protocol: number;
  /** 0: all ports. */
  readonly port: number;
}

/** Protocol of a VIP for all ports: VPP makes it so, whatever it is told. Reference maglev 2.8 (7), 6.2. */
export const ALL_PORTS = 255;

/** IANA protocol numbers. */
const NUMBERS = { tcp: 6, udp: 17, any: ALL_PORTS } as const;
const NAMES = new Map<number, string>(Object.entries(NUMBERS).map(([name, number]) => [number, name]));

/** The VIP of a listener; `http` is carried as `tcp`, and refused elsewhere. */
export function vipOf({
  address,
  protocol,
  port,
}: Pick<NodeListener, 'address' | 'protocol' | 'port'>): VipKey {
  const number = protocol === 'udp' || protocol === 'any' ? NUMBERS[protocol] : NUMBERS.tcp;
  return vipKey(address, hostLength(address), number, port);
}

/** A VIP as VPP tells it, in any spelling. */
export function vipKey(address: string, length: number, protocol: number, port: number): VipKey {
  return { address: canonicalAddress(address), length, protocol: port === 0 ? ALL_PORTS : protocol, port };
}

/** One text for each VIP. */
export function vipText(vip: VipKey): string {
  const where = `${vip.address}/${vip.length}`;
  return vip.port === 0 ? `${where} all ports` : `${where} ${protocolName(vip)} port ${vip.port}`;
}

/** `tcp`, `udp`, `any`, or the number of what nobody here makes. */
export function protocolName({ protocol }: Pick<VipKey, 'protocol'>): string {
  return NAMES.get(protocol) ?? String(protocol);
}

/** The order of all writes: numeric, IPv4 first, so that two controllers write alike. Reference maglev 5.6, R9. */
export function compareVips(a: VipKey, b: VipKey): number {
  const [one, other] = [orderOf(a.address), orderOf(b.address)];
  if (one !== other) return one < other ? -1 : 1;
  return a.length - b.length || a.port - b.port || a.protocol - b.protocol;
}

function hostLength(address: string): number {
  return addressFamily(address) === 'IPv4' ? 32 : 128;
}
