import { parseDuration } from '../../duration.js';
import { addressValue, holds, type IpRange, readIpRange } from '../../ip-range.js';
import { familyOf } from '../../ip-address.js';
import type { Resource } from '../../resource.js';
import { specOf } from '../spec-of.js';
import { DEFAULT_QUARANTINE, type VipPoolSpec } from './vip-specs.js';

/** A VipPool with its defaults filled in. */
export interface VipPoolModel {
  readonly name: string;
  /** As it is written, in that order. */
  readonly ranges: readonly IpRange[];
  /** What of each of them may be granted; of the same length. One that ends before it begins holds nothing. */
  readonly usable: readonly IpRange[];
  /** Absent: all. */
  readonly projects?: ReadonlySet<string>;
  readonly autoAssign: boolean;
  /** Milliseconds; 0: none. */
  readonly quarantineMs: number;
}

/** What a valid VipPool comes down to. */
export function vipPoolModel(pool: Resource): VipPoolModel {
  const {
    addresses,
    projects,
    autoAssign = true,
    avoidNetworkAndBroadcast = true,
    quarantine = DEFAULT_QUARANTINE,
  } = specOf<VipPoolSpec>(pool);
  const ranges = addresses.flatMap((text) => {
    const range = readIpRange(text);
    return typeof range === 'string' ? [] : [range];
  });
  return {
    name: pool.metadata.name,
    ranges,
    usable: avoidNetworkAndBroadcast ? ranges.map(withoutEnds) : ranges,
    ...(projects && { projects: new Set(projects) }),
    autoAssign,
    quarantineMs: parseDuration(quarantine),
  };
}

/** Whether an address is written in a pool; whether it may be granted is another question, see {@link isUsable}. */
export function covers(pool: VipPoolModel, address: string): boolean {
  return isIn(pool.ranges, address);
}

/** Whether a pool may grant an address, to somebody. */
export function isUsable(pool: VipPoolModel, address: string): boolean {
  return isIn(pool.usable, address);
}

/** Whether a project may have addresses of a pool. */
export function serves(pool: VipPoolModel, project: string): boolean {
  return pool.projects?.has(project) ?? true;
}

/** How many addresses a pool may grant. */
export function sizeOf({ usable }: VipPoolModel): bigint {
  return usable.reduce((sum, { first, last }) => (last < first ? sum : sum + last - first + 1n), 0n);
}

function isIn(ranges: readonly IpRange[], address: string): boolean {
  const family = familyOf(address);
  const value = addressValue(address);
  return ranges.some((range) => range.family === family && holds(range, value));
}

/** Some hosts and routers take the ends of a network for the network itself. RFC 919, RFC 4291 section 2.6.1. */
function withoutEnds(range: IpRange): IpRange {
  const { family, prefix, first, last } = range;
  if (prefix === undefined) return range;
  if (family === 'ipv4') return prefix <= 30 ? { ...range, first: first + 1n, last: last - 1n } : range;
  return prefix <= 126 ? { ...range, first: first + 1n } : range;
}
