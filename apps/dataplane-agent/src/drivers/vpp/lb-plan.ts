import { canonicalAddress, type NodeVpp } from '@signalbox/contracts';
import { inAddressOrder } from './address-sort.js';
import type { LbTable, LbVip } from './lb-table.js';
import { compareVips, type VipKey, vipText } from './vip-key.js';
import type { Wanted, WantedVip } from './wanted-vips.js';

/** One change of VPP: one message. */
export type LbWrite =
  | { readonly does: 'conf'; readonly conf: NodeVpp }
  | {
      readonly does: 'remove-target';
      readonly vip: VipKey;
      readonly address: string;
      readonly isFlush: boolean;
    }
  | { readonly does: 'remove-vip'; readonly vip: VipKey }
  | {
      readonly does: 'add-vip';
      readonly vip: VipKey;
      readonly encap: WantedVip['encap'];
      readonly isSticky: boolean;
    }
  | { readonly does: 'add-target'; readonly vip: VipKey; readonly address: string; readonly weight: number }
  | {
      readonly does: 'set-weight';
      readonly vip: VipKey;
      readonly address: string;
      readonly weight: number;
      readonly isFlush: boolean;
    };

/** A VIP that has to be made anew, because VPP cannot change it. */
export interface Recreated {
  readonly name: string;
  readonly vip: VipKey;
  readonly why: string;
  /** For its tunnels; false: for how it tells clients apart. */
  readonly isEncap: boolean;
}

export interface LbPlan {
  /** In the order in which they are sent. */
  readonly writes: readonly LbWrite[];
  readonly recreated: readonly Recreated[];
}

/** What a plan has to know besides what stands and what shall. */
export interface LbHints {
  /** Absent: settings of VPP stay as they are. */
  readonly conf?: NodeVpp;
  /** Targets that were to be cut when they were seen last, by {@link targetText}: when they leave, their flows end. */
  readonly cut: ReadonlySet<string>;
}

/** One text for each target of a VIP. */
export function targetText(vip: VipKey, address: string): string {
  return `${vipText(vip)} ${address}`;
}

/**
 * What makes `table` as wanted; no writes when it is. First goes whatever may be in the way, since VPP has one kind of tunnels for all ports
 * of an address, and all ports beside none; then each VIP gets what it shall have. What no VIP is wanted for, and is not kept, goes: the
 * plugin is ours. Flows are ended where a VIP goes, and of targets that leave while they are to be cut; nowhere else. Reference maglev 6.4-6.7.
 */
export function lbPlan({ conf, vips }: LbTable, { vips: wanted, kept }: Wanted, hints: LbHints): LbPlan {
  const shall = new Map(wanted.map((vip) => [vipText(vip.key), vip]));
  const stays = new Map<string, LbVip>();
  const removals: LbWrite[] = [];
  const recreated: Recreated[] = [];
  for (const vip of [...vips].sort((a, b) => compareVips(a.key, b.key))) {
    const text = vipText(vip.key);
    const one = shall.get(text);
    if (!one && kept.has(text)) continue;
    const why = one && whyAnew(vip, one);
    if (one && why === undefined) {
      stays.set(text, vip);
      continue;
    }
    if (one && why !== undefined)
      recreated.push({ name: one.name, vip: one.key, why, isEncap: vip.encap !== one.encap });
    removals.push(...removalOf(vip));
  }
  const changes = [...wanted]
    .sort((a, b) => compareVips(a.key, b.key))
    .flatMap((one) => changesOf(one, stays.get(vipText(one.key)), hints.cut));
  const isSet = !hints.conf || isSameConf(conf, hints.conf);
  const settings: LbWrite[] = isSet ? [] : [{ does: 'conf', conf: hints.conf! }];
  return { writes: [...settings, ...removals, ...changes], recreated };
}

/** Why a VIP has to be made anew; undefined: it has not. Reference maglev 6.6. */
export function whyAnew(
  { encap, isSticky }: Pick<LbVip, 'encap' | 'isSticky'>,
  wanted: Pick<WantedVip, 'encap' | 'isSticky'>,
): string | undefined {
  if (encap !== wanted.encap)
    return `its targets are reached by ${wanted.encap}, and it stands with ${encap}`;
  if (isSticky === wanted.isSticky) return undefined;
  return wanted.isSticky
    ? 'its clients shall be told by their address, and are not'
    : 'its clients are told by their address, and shall not be';
}

/** Whether two settings of VPP say the same. */
export function isSameConf(a: NodeVpp, b: NodeVpp): boolean {
  return (
    canonicalAddress(a.ipv4SrcAddress) === canonicalAddress(b.ipv4SrcAddress) &&
    canonicalAddress(a.ipv6SrcAddress) === canonicalAddress(b.ipv6SrcAddress) &&
    a.stickyBucketsPerCore === b.stickyBucketsPerCore &&
    a.flowTimeoutSeconds === b.flowTimeoutSeconds
  );
}

/** Its flows lead nowhere without the VIP, and keep VPP from forgetting its targets. */
function removalOf({ key: vip, targets }: LbVip): LbWrite[] {
  return [
    ...inAddressOrder(targets).map(({ address }): LbWrite => ({
      does: 'remove-target',
      vip,
      address,
      isFlush: true,
    })),
    { does: 'remove-vip', vip },
  ];
}

/**
 * Targets come before others go, and weights rise before others fall, so that at no moment nobody has one; inside that by address (reference
 * maglev 5.6).
 */
function changesOf(one: WantedVip, standing: LbVip | undefined, cut: ReadonlySet<string>): LbWrite[] {
  if (standing && isSame(one, standing)) return [];
  const { key: vip, encap, isSticky } = one;
  const has = new Map(standing?.targets.map(({ address, weight }) => [address, weight]));
  const shall = new Set(one.targets.map(({ address }) => address));
  const targets = inAddressOrder(one.targets);
  const known = targets.filter(({ address }) => has.has(address));
  const setWeight = ({ address, weight }: WantedVip['targets'][number]): LbWrite => {
    return { does: 'set-weight', vip, address, weight, isFlush: false };
  };
  return [
    ...(standing ? [] : [{ does: 'add-vip', vip, encap, isSticky } as const]),
    ...targets
      .filter(({ address }) => !has.has(address))
      .map(({ address, weight }): LbWrite => ({ does: 'add-target', vip, address, weight })),
    ...known.filter(({ address, weight }) => weight > has.get(address)!).map(setWeight),
    ...inAddressOrder(standing?.targets ?? [])
      .filter(({ address }) => !shall.has(address))
      .map(({ address }): LbWrite => {
        return { does: 'remove-target', vip, address, isFlush: cut.has(targetText(vip, address)) };
      }),
    ...known.filter(({ address, weight }) => weight < has.get(address)!).map(setWeight),
  ];
}

/** Whether all targets are there with their weights, and no others. */
function isSame({ targets }: WantedVip, standing: LbVip): boolean {
  return (
    targets.length === standing.targets.length &&
    targets.every(({ address, weight }, at) => {
      const there = standing.targets[at]!;
      return there.address === address && there.weight === weight;
    })
  );
}
