import {
  type AddressFamily,
  addressText,
  addressValue,
  familyOf,
  holds,
  type IpRange,
  isUsable,
  type VipPoolModel,
} from '@signalbox/contracts';

const FAMILIES: readonly AddressFamily[] = ['ipv4', 'ipv6'];

interface Stretch {
  readonly range: IpRange;
  /** The next one that was never looked at. */
  next: bigint;
}

/**
 * The addresses of one pool that were never granted, and those that came back, in the order in which they are to be
 * granted. Nobody is searched for: each address is looked at once until it comes back, so granting is O(1). ADR 0025.
 */
export class VipSupply {
  private readonly stretches: readonly Stretch[];
  /** Longest ago first. */
  private readonly returned: Readonly<Record<AddressFamily, Set<string>>> = {
    ipv4: new Set(),
    ipv6: new Set(),
  };

  constructor(private readonly pool: VipPoolModel) {
    this.stretches = pool.usable.map((range) => ({ range, next: range.first }));
  }

  /** The next address for which `isFree` says so; undefined when there is none. Of any family unless one is named. */
  take(family: AddressFamily | undefined, isFree: (address: string) => boolean): string | undefined {
    for (const stretch of this.stretches) {
      const { range } = stretch;
      if (family !== undefined && range.family !== family) continue;
      while (stretch.next <= range.last) {
        const address = addressText(range.family, stretch.next);
        stretch.next += 1n;
        if (isFree(address)) return address;
      }
    }
    for (const one of FAMILIES) {
      if (family !== undefined && family !== one) continue;
      for (const address of this.returned[one]) {
        this.returned[one].delete(address);
        if (isFree(address)) return address;
      }
    }
    return undefined;
  }

  /** An address is free again. */
  giveBack(address: string): void {
    if (!isUsable(this.pool, address)) return;
    const family = familyOf(address)!;
    const value = addressValue(address);
    const isAhead = this.stretches.some(
      ({ range, next }) => range.family === family && holds(range, value) && next <= value,
    );
    if (!isAhead) this.returned[family].add(address);
  }
}
