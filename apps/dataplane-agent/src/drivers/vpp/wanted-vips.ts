import {
  addressFamily,
  canonicalAddress,
  type ErrorBody,
  type FamilyName,
  type NodeListener,
} from '@signalbox/contracts';
import { unsupportedReason } from '../unsupported.js';
import { type Encap, LB_TABLE_LENGTH, type LbVip } from './lb-table.js';
import { inAddressOrder } from './address-sort.js';
import { compareVips, type VipKey, vipOf, vipText } from './vip-key.js';
import { VPP_CAPABILITIES } from './vpp-capabilities.js';

/** A listener as VPP shall have it. */
export interface WantedVip {
  /** Of the listener. */
  readonly name: string;
  readonly key: VipKey;
  readonly encap: Extract<Encap, 'gre4' | 'gre6'>;
  readonly isSticky: boolean;
  /** In the order of addresses, in their one spelling. */
  readonly targets: readonly { readonly address: string; readonly weight: number }[];
}

/** What VPP shall have. */
export interface Wanted {
  /** In the order of VIPs. */
  readonly vips: readonly WantedVip[];
  /** By the name of the listener. */
  readonly refused: ReadonlyMap<string, ErrorBody>;
  /** VIPs of refused listeners, by their texts: they stay as they are. */
  readonly kept: ReadonlySet<string>;
}

const TUNNELS: Readonly<Record<FamilyName, WantedVip['encap']>> = { IPv4: 'gre4', IPv6: 'gre6' };

/**
 * What listeners come down to. `standing`: what VPP has now; `served`: where a listener was served last, by its name. Whatever order
 * the listeners and targets come in, equal input gives equal output (R9).
 */
export function wantedVips(
  listeners: readonly NodeListener[],
  standing: readonly LbVip[],
  served: ReadonlyMap<string, VipKey>,
): Wanted {
  const refused = new Map<string, ErrorBody>();
  const taken = new Map<string, NodeListener>();
  const byName = [...listeners].sort((a, b) => (a.name < b.name ? -1 : 1));
  const lacks = new Map(byName.map((one) => [one, whyNot(one)]));
  const tunnels = tunnelsOf(
    byName.filter((one) => !lacks.get(one)),
    standing,
  );
  for (const listener of byName) {
    const text = vipText(vipOf(listener));
    const why = lacks.get(listener) ?? whyNotBeside(listener, taken.get(text), tunnels);
    if (why) refused.set(listener.name, why);
    else taken.set(text, listener);
  }
  const vips = [...taken.values()].map((listener) => wantedVip(listener, tunnels));
  const kept = byName.flatMap((listener) =>
    refused.has(listener.name) ? [vipText(served.get(listener.name) ?? vipOf(listener))] : [],
  );
  return {
    vips: vips.sort((a, b) => compareVips(a.key, b.key)),
    refused,
    kept: new Set(kept.filter((text) => !taken.has(text))),
  };
}

/** What is not as somebody might expect of the words of a listener; undefined: nothing. */
export function vppWarning(
  { affinity, tableSize, targets }: NodeListener,
  flowTimeoutSeconds: number,
): string | undefined {
  const warnings: string[] = [];
  if (affinity?.type === 'source-ip' && affinity.timeoutMs !== flowTimeoutSeconds * 1000)
    warnings.push(
      `VPP remembers clients for ${flowTimeoutSeconds} s, its flow timeout, not for ${affinity.timeoutMs / 1000} s`,
    );
  if (tableSize !== undefined)
    warnings.push(`the table of VPP has ${LB_TABLE_LENGTH} slots, not ${tableSize}`);
  else if (targets.length > MOST_EVEN_TARGETS)
    warnings.push(
      `the table of VPP has ${LB_TABLE_LENGTH} slots for ${targets.length} targets: their shares differ`,
    );
  return warnings.length > 0 ? warnings.join('; ') : undefined;
}

/** With as many the largest share is about 7 % above the mean. Reference maglev 13.2. */
const MOST_EVEN_TARGETS = 100;

function whyNot(listener: NodeListener): ErrorBody | undefined {
  const lack = unsupportedReason(listener, VPP_CAPABILITIES, 'vpp');
  if (lack) return lack;
  const { listenAt, targets } = listener;
  if (listenAt)
    return refusal(listener, `VPP takes packets to the VIP itself: take it out of the listenMap of the node`);
  const strange = targets.find(
    (target) => addressFamily(target.address) !== addressFamily(targets[0]!.address),
  );
  return (
    strange &&
    refusal(
      listener,
      `target ${strange.address} is of another address family than ${targets[0]!.address}, and one VIP has tunnels of one`,
    )
  );
}

function whyNotBeside(
  listener: NodeListener,
  other: NodeListener | undefined,
  tunnels: ReadonlyMap<string, WantedVip['encap']>,
): ErrorBody | undefined {
  if (other) return refusal(listener, `listener ${other.name} has its VIP`);
  const own = listener.targets[0];
  if (!own || TUNNELS[addressFamily(own.address)] === tunnels.get(vipOf(listener).address)) return undefined;
  return refusal(
    listener,
    `its targets are ${addressFamily(own.address)}, those of others at ${listener.address} are not: all VIPs at one address have tunnels of one family`,
  );
}

/**
 * The tunnels of each VIP address, by that: VPP wants one kind for all its ports (reference maglev 2.8 (3)). They follow the first listener
 * that has a target; without any, what stands stays.
 */
function tunnelsOf(
  listeners: readonly NodeListener[],
  standing: readonly LbVip[],
): ReadonlyMap<string, WantedVip['encap']> {
  const tunnels = new Map<string, WantedVip['encap']>();
  for (const { address, targets } of listeners) {
    const vip = canonicalAddress(address);
    if (targets[0] && !tunnels.has(vip)) tunnels.set(vip, TUNNELS[addressFamily(targets[0].address)]);
  }
  for (const { key, encap } of standing)
    if (!tunnels.has(key.address) && (encap === 'gre4' || encap === 'gre6')) tunnels.set(key.address, encap);
  for (const { address } of listeners) {
    const vip = canonicalAddress(address);
    if (!tunnels.has(vip)) tunnels.set(vip, TUNNELS[addressFamily(address)]);
  }
  return tunnels;
}

function wantedVip(listener: NodeListener, tunnels: ReadonlyMap<string, WantedVip['encap']>): WantedVip {
  const key = vipOf(listener);
  return {
    name: listener.name,
    key,
    encap: tunnels.get(key.address)!,
    isSticky: listener.affinity?.type === 'source-ip',
    targets: targetsOf(listener),
  };
}

/** Of listeners that were seen before: a sync of a state of before has nothing to sort. */
const TARGETS = new WeakMap<NodeListener, WantedVip['targets']>();

function targetsOf(listener: NodeListener): WantedVip['targets'] {
  const known = TARGETS.get(listener);
  if (known) return known;
  const targets = inAddressOrder(
    listener.targets.map(({ address, weight }) => ({ address: canonicalAddress(address), weight })),
  );
  TARGETS.set(listener, targets);
  return targets;
}

function refusal({ name }: NodeListener, why: string): ErrorBody {
  return { code: 'data-plane-refused', message: `driver vpp cannot serve listener ${name}: ${why}` };
}
