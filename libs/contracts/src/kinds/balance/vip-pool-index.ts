import { addressValue, type IpRange } from '../../ip-range.js';
import { type AddressFamily, familyOf } from '../../ip-address.js';
import type { VipPoolModel } from './vip-pool-model.js';

interface Place {
  readonly range: IpRange;
  readonly pool: VipPoolModel;
}

/** Finds the pool of an address among pools whose ranges do not overlap, in O(log ranges). */
export class VipPoolIndex {
  private readonly places: Readonly<Record<AddressFamily, readonly Place[]>>;
  private readonly byName: ReadonlyMap<string, VipPoolModel>;
  /** All pools, ordered by name. */
  readonly all: readonly VipPoolModel[];

  constructor(pools: Iterable<VipPoolModel>) {
    this.all = [...pools].sort((a, b) => (a.name < b.name ? -1 : 1));
    this.byName = new Map(this.all.map((pool) => [pool.name, pool]));
    const places = this.all.flatMap((pool) => pool.ranges.map((range) => ({ range, pool })));
    const sorted = places.sort((a, b) => compare(a.range.first, b.range.first));
    this.places = {
      ipv4: sorted.filter(({ range }) => range.family === 'ipv4'),
      ipv6: sorted.filter(({ range }) => range.family === 'ipv6'),
    };
  }

  get(name: string): VipPoolModel | undefined {
    return this.byName.get(name);
  }

  /** The pool in which an address is written, whether it may be granted or not. */
  poolOf(address: string): VipPoolModel | undefined {
    const family = familyOf(address);
    if (!family) return undefined;
    const value = addressValue(address);
    const places = this.places[family];
    let [low, high] = [0, places.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (places[middle]!.range.first <= value) low = middle + 1;
      else high = middle;
    }
    const found = places[low - 1];
    return found && value <= found.range.last ? found.pool : undefined;
  }
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
