import type { FieldValue } from './api/field-value.js';
import { ENCAPS, LB_TABLE_LENGTH } from './lb-table.js';
import type { LbWrite } from './lb-plan.js';
import type { VipKey } from './vip-key.js';

/** A message of VPP with its fields. */
export interface LbMessage {
  readonly message: string;
  readonly fields: Readonly<Record<string, FieldValue>>;
}

/**
 * Dumps of everything: one that names a prefix loses all replies of IPv4, so who asks sorts out what it wants. Reference maglev 6.2.
 */
export const VIP_DUMP: LbMessage = {
  message: 'lb_vip_dump',
  fields: { pfx: '::/0', pfx_matcher: { le: 0, ge: 0 }, protocol: 0, port: 0 },
};
export const TARGET_DUMP: LbMessage = {
  message: 'lb_as_v2_dump',
  fields: { pfx: '::/0', protocol: 0, port: 0 },
};

/** The message that makes a change. */
export function messageOf(write: LbWrite): LbMessage {
  switch (write.does) {
    case 'conf':
      return {
        message: 'lb_conf',
        fields: {
          ip4_src_address: write.conf.ipv4SrcAddress,
          ip6_src_address: write.conf.ipv6SrcAddress,
          sticky_buckets_per_core: write.conf.stickyBucketsPerCore,
          flow_timeout: write.conf.flowTimeoutSeconds,
        },
      };
    case 'add-vip':
      return vipMessage(write.vip, {
        encap: ENCAPS.indexOf(write.encap),
        src_ip_sticky: write.isSticky,
        is_del: false,
      });
    case 'remove-vip':
      return vipMessage(write.vip, { encap: 0, src_ip_sticky: false, is_del: true });
    case 'add-target':
      return targetMessage(write, { weight: write.weight, is_del: false, is_flush: false });
    case 'remove-target':
      return targetMessage(write, { weight: 0, is_del: true, is_flush: write.isFlush });
    case 'set-weight':
      return {
        message: 'lb_as_set_weight',
        fields: {
          ...placeOf(write.vip),
          as_address: write.address,
          weight: write.weight,
          is_flush: write.isFlush,
        },
      };
  }
}

/** Values of the dataplane that GRE has no use for are 0. */
function vipMessage(vip: VipKey, fields: LbMessage['fields']): LbMessage {
  const unused = { dscp: 0, type: 0, target_port: 0, node_port: 0 };
  return {
    message: 'lb_add_del_vip_v2',
    fields: { ...placeOf(vip), ...unused, new_flows_table_length: LB_TABLE_LENGTH, ...fields },
  };
}

function targetMessage(
  { vip, address }: { readonly vip: VipKey; readonly address: string },
  fields: LbMessage['fields'],
): LbMessage {
  return { message: 'lb_add_del_as_v2', fields: { ...placeOf(vip), as_address: address, ...fields } };
}

function placeOf({ address, length, protocol, port }: VipKey): LbMessage['fields'] {
  return { pfx: `${address}/${length}`, protocol, port };
}
