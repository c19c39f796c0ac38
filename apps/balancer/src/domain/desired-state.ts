import type { FrontendTarget } from '@signalbox/contracts';
import { addressKey } from '@signalbox/contracts';

/** What a load-balancing node must do with one address and port of a frontend. */
export interface DesiredTarget {
  readonly address: string;
  /** Absent: the port of the VIP. */
  readonly port?: number;
  /** 0-100. */
  readonly weight: number;
  readonly flush: boolean;
}

/** Digits of the highest port. */
const PORT_DIGITS = 5;

/**
 * The desired state of one frontend, one entry per address and port, in the order in which nodes apply it: numeric, IPv4
 * first. Disabled backends stay in it with weight 0; those without an address do not. One place in several pools
 * has the highest of the weights and is flushed only when all of them say so. Reference 5.1, 5.4, 5.6.
 */
export function desiredTargets(targets: readonly FrontendTarget[]): readonly DesiredTarget[] {
  const byPlace = new Map<string, DesiredTarget>();
  for (const { address, port, effective, flush } of targets) {
    if (address === undefined) continue;
    const key = `${addressKey(address)} ${String(port ?? 0).padStart(PORT_DIGITS, '0')}`;
    const other = byPlace.get(key);
    const entry = { address, ...(port !== undefined && { port }), weight: effective, flush };
    byPlace.set(key, other ? merged(other, entry) : entry);
  }
  return [...byPlace].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, entry]) => entry);
}

/** Of two spellings the smaller text, so that no order of the members shows in the result (R9). */
function merged(a: DesiredTarget, b: DesiredTarget): DesiredTarget {
  return {
    ...a,
    address: a.address < b.address ? a.address : b.address,
    weight: Math.max(a.weight, b.weight),
    flush: a.flush && b.flush,
  };
}
