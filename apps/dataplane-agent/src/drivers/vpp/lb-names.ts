import { canonicalAddress, type NodeListener, sha256Hex } from '@signalbox/contracts';
import type { ObservedListener } from '../driver.js';
import { whyAnew } from './lb-plan.js';
import { LB_TABLE_LENGTH, type LbVip } from './lb-table.js';
import { type VipKey, vipOf, vipText } from './vip-key.js';
import type { Wanted, WantedVip } from './wanted-vips.js';

/** What was applied last: VPP has no names, so the driver remembers whose VIPs are. */
export class LbNames {
  /** Where each listener is served, by its name. */
  readonly served = new Map<string, VipKey>();
  private wanted: Wanted = { vips: [], refused: new Map(), kept: new Set() };
  private listeners: ReadonlyMap<string, NodeListener> = new Map();
  private names: ReadonlyMap<string, string> = new Map();

  /** These are what VPP was told last. */
  take(listeners: readonly NodeListener[], wanted: Wanted): void {
    const all = new Set(listeners.map(({ name }) => name));
    for (const name of this.served.keys()) if (!all.has(name)) this.served.delete(name);
    for (const { name, key } of wanted.vips) this.served.set(name, key);
    // one that was refused since ever is served where somebody else made its VIP
    for (const listener of listeners)
      if (!this.served.has(listener.name)) this.served.set(listener.name, vipOf(listener));
    this.wanted = wanted;
    this.listeners = new Map(listeners.map((one) => [one.name, one]));
    const kept = [...this.served].filter(([name]) => wanted.refused.has(name));
    this.names = new Map([
      ...kept.map(([name, key]) => [vipText(key), name] as const),
      ...wanted.vips.map(({ name, key }) => [vipText(key), name] as const),
    ]);
  }

  /** The listener whose VIP it is; undefined: nobody asks for it. */
  nameOf(vip: VipKey): string | undefined {
    return this.names.get(vipText(vip));
  }

  /** VIPs as listeners, by name; one that stands otherwise than VPP was told, in a way that listeners do not show, is none. */
  observed(vips: readonly LbVip[]): ObservedListener[] {
    const shall = new Map(this.wanted.vips.map((one) => [vipText(one.key), one]));
    return vips
      .flatMap((vip) => this.observedOne(vip, shall.get(vipText(vip.key))))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  private observedOne(vip: LbVip, wanted: WantedVip | undefined): ObservedListener[] {
    if (wanted && whyAnew(vip, wanted) !== undefined) return [];
    const { key, targets } = vip;
    const name = this.nameOf(key);
    const listener = name === undefined ? undefined : this.listeners.get(name);
    const isItself = listener && vipText(vipOf(listener)) === vipText(key);
    const { address, protocol, port } = isItself ? listener : { ...key, protocol: protocolOf(key) };
    const spelled = new Map(listener?.targets.map((one) => [canonicalAddress(one.address), one.address]));
    return [
      {
        ...{ name: name ?? `VIP ${vipText(key)}`, address, protocol, port, algorithm: 'maglev' },
        listensAt: { address, port },
        targets: targets.map((one) => ({
          ...{ address: spelled.get(one.address) ?? one.address, port, weight: one.weight },
        })),
      },
    ];
  }
}

/**
 * Digest of who has how many slots of the table of a VIP: nodes on which it is equal were told the same. sha256 hex of a line of what it is
 * about, the number of slots and how clients are told apart, and a line for each target that has slots.
 */
export function digestOfVip({ isSticky, targets }: Pick<LbVip, 'isSticky' | 'targets'>): string {
  const lines = targets
    .filter(({ buckets }) => buckets > 0)
    .map(({ address, buckets }) => `${address} ${buckets}`);
  return sha256Hex([`vpp-lb-1 ${LB_TABLE_LENGTH} ${isSticky ? 'address' : 'flow'}`, ...lines, ''].join('\n'));
}

function protocolOf({ protocol, port }: VipKey): NodeListener['protocol'] {
  if (port === 0) return 'any';
  return protocol === 17 ? 'udp' : 'tcp';
}
