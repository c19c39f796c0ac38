import { canonicalAddress, type NodeVpp } from '@signalbox/contracts';
import type { Fields } from './api/field-value.js';
import { inAddressOrder } from './address-sort.js';
import { ENCAPS, type LbTable, type LbTarget, type LbVip } from './lb-table.js';
import { readVipsText } from './vips-text.js';
import { compareVips, type VipKey, vipKey, vipText } from './vip-key.js';

/** What VPP answers to the questions for its table. */
export interface LbAnswers {
  readonly conf: Fields;
  /** Details of `lb_vip_dump`. */
  readonly vips: readonly Fields[];
  /** Details of `lb_as_v2_dump`. */
  readonly targets: readonly Fields[];
  /** `show lb vips verbose` */
  readonly text: string;
}

/** Set for a target that is used; one without it was removed, and stands until nothing refers to it. `lb.h` of VPP. */
const USED = 1;

/** No packets, of a VIP that came between the dump and the text. */
const NO_PACKETS = { next: 0, first: 0, untracked: 0, noServer: 0 } as const;

/**
 * The table that the answers tell, one VIP after the other: targets belong to the VIP that their details name with its protocol and port
 * (R17), and those of VIPs that are gone belong to none.
 */
export function readTable({ conf, vips, targets, text: shown }: LbAnswers): LbTable {
  const textOf = vipTexts();
  const told = new Map(readVipsText(shown).map((one) => [vipText(one.key), one]));
  const byVip = new Map<string, LbTarget[]>();
  for (const fields of targets) {
    if ((number(fields['flags']) & USED) === 0) continue;
    const vip = textOf(fields);
    const target = {
      address: canonicalAddress(String(fields['app_srv'])),
      weight: number(fields['weight']),
      buckets: number(fields['num_buckets']),
    };
    const known = byVip.get(vip);
    if (known) known.push(target);
    else byVip.set(vip, [target]);
  }
  const all = vips.map((fields): LbVip => {
    const key = keyOf(fields);
    const text = vipText(key);
    const more = told.get(text);
    return {
      key,
      encap: ENCAPS[number(fields['encap'])] ?? 'gre4',
      isSticky: more?.isSticky ?? false,
      targets: inAddressOrder(byVip.get(text) ?? []),
      packets: more?.packets ?? NO_PACKETS,
      flows: more?.flows ?? new Map(),
    };
  });
  return { conf: confOf(conf), vips: all.sort((a, b) => compareVips(a.key, b.key)) };
}

/** The settings of the answer to `lb_conf_get`. */
export function confOf(fields: Fields): NodeVpp {
  return {
    ipv4SrcAddress: String(fields['ip4_src_address']),
    ipv6SrcAddress: String(fields['ip6_src_address']),
    stickyBucketsPerCore: number(fields['sticky_buckets_per_core']),
    flowTimeoutSeconds: number(fields['flow_timeout']),
  };
}

/** The text of the VIP of details, of which many are of one. */
function vipTexts(): (fields: Fields) => string {
  const known = new Map<string, string>();
  return (fields) => {
    const { pfx, protocol, port } = fields['vip'] as Fields;
    const told = `${String(pfx)} ${String(protocol)} ${String(port)}`;
    const text = known.get(told) ?? vipText(keyOf(fields));
    known.set(told, text);
    return text;
  };
}

/** Of the field `vip`, a `vl_api_lb_vip_t`. */
function keyOf(fields: Fields): VipKey {
  const vip = fields['vip'] as Fields;
  const [address = '', length = ''] = String(vip['pfx']).split('/');
  return vipKey(address, Number(length), number(vip['protocol']), number(vip['port']));
}

function number(value: Fields[string] | undefined): number {
  return typeof value === 'number' ? value : 0;
}
