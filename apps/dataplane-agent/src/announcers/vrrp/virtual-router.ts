import { type AddressFamily, compareAddresses, familyOf, type NodeVip } from '@signalbox/contracts';

/** A virtual router of VRRP: VIPs of one family that always have one leader together. RFC 5798. */
export interface VirtualRouter {
  /** Its name in keepalived, the same on all nodes. */
  readonly name: string;
  /** 1-255. */
  readonly id: number;
  readonly family: AddressFamily;
  readonly interface: string;
  /** 1-254: the highest leads. */
  readonly priority: number;
  readonly preempt: boolean;
  /** Milliseconds, whole tens. */
  readonly advertMs: number;
  /** In the order of addresses; at least one. */
  readonly vips: readonly string[];
}

/** A VIP, and the router that it belongs to. */
export interface RouterVip {
  readonly address: string;
  readonly router: Omit<VirtualRouter, 'vips'>;
}

/** What a keepalived leads with when nothing else is said, and by how much each rank is less. 255 is for who owns an address. */
const PRIORITY = { first: 200, step: 10, least: 1 } as const;

/** The router of a VIP as its node has it. Undefined: nobody said of which. */
export function routerOf({
  address,
  interface: device,
  leadership,
}: NodeVip): RouterVip['router'] | undefined {
  const family = familyOf(address);
  const { virtualRouterId: id, advertMs = 1_000, rank = 0, preempt = false } = leadership ?? {};
  if (family === undefined || id === undefined) return undefined;
  const name = `sb_${id}_${family}_${device}`;
  const priority = Math.max(PRIORITY.least, PRIORITY.first - rank * PRIORITY.step);
  return { name, id, family, interface: device, priority, preempt, advertMs };
}

/** All routers with their VIPs, sorted by name. */
export function routersOf(vips: readonly RouterVip[]): VirtualRouter[] {
  const routers = new Map<string, { router: RouterVip['router']; vips: string[] }>();
  for (const { address, router } of vips) {
    const known = routers.get(router.name) ?? { router, vips: [] };
    known.vips.push(address);
    routers.set(router.name, known);
  }
  return [...routers.values()]
    .map(({ router, vips: all }) => ({ ...router, vips: all.sort(compareAddresses) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * The one address that a router's advertisements name, equal on all nodes. Those of VIPs are not named: a keepalived does not heed who names
 * others than it has itself, and leads beside it, as long as two nodes are ready for different VIPs. IPv6: what the router's MAC address
 * makes of a link (RFC 5798 sections 5.2.9 and 7.3); IPv4: of the addresses for one link, which nobody else gives out.
 */
export function nameAddress({ family, id }: Pick<VirtualRouter, 'family' | 'id'>): string {
  return family === 'ipv6' ? `fe80::200:5eff:fe00:2${id.toString(16).padStart(2, '0')}` : `169.254.112.${id}`;
}
