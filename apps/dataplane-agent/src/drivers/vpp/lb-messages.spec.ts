import { describe, expect, it } from '@jest/globals';
import { messageOf, TARGET_DUMP, VIP_DUMP } from './lb-messages.js';
import { vipOf } from './vip-key.js';

const VIP = vipOf({ address: '192.0.2.10', protocol: 'tcp', port: 80 });
const ALL = vipOf({ address: '2001:DB8::10', protocol: 'any', port: 0 });

describe('messages to VPP', () => {
  it('always say how long a table is: without it VPP would end (6.2)', () => {
    const { message, fields } = messageOf({ does: 'add-vip', vip: VIP, encap: 'gre6', isSticky: true });
    expect(message).toBe('lb_add_del_vip_v2');
    expect(fields).toEqual({
      ...{ pfx: '192.0.2.10/32', protocol: 6, port: 80, encap: 1, new_flows_table_length: 1024 },
      ...{ dscp: 0, type: 0, target_port: 0, node_port: 0, src_ip_sticky: true, is_del: false },
    });
    expect(messageOf({ does: 'remove-vip', vip: VIP }).fields).toMatchObject({
      new_flows_table_length: 1024,
      is_del: true,
    });
  });

  it('name a VIP for all ports by protocol 255 and port 0', () => {
    expect(messageOf({ does: 'add-target', vip: ALL, address: '10.0.0.1', weight: 7 })).toEqual({
      message: 'lb_add_del_as_v2',
      fields: {
        ...{ pfx: '2001:db8::10/128', protocol: 255, port: 0, as_address: '10.0.0.1' },
        ...{ weight: 7, is_del: false, is_flush: false },
      },
    });
  });

  it.each([true, false])('end flows when they shall: %s', (isFlush) => {
    expect(messageOf({ does: 'remove-target', vip: VIP, address: '10.0.0.1', isFlush }).fields).toMatchObject(
      {
        ...{ as_address: '10.0.0.1', is_del: true, is_flush: isFlush },
      },
    );
    expect(messageOf({ does: 'set-weight', vip: VIP, address: '10.0.0.1', weight: 3, isFlush })).toEqual({
      message: 'lb_as_set_weight',
      fields: {
        ...{ pfx: '192.0.2.10/32', protocol: 6, port: 80, as_address: '10.0.0.1' },
        ...{ weight: 3, is_flush: isFlush },
      },
    });
  });

  it('ask for everything: a dump of a prefix loses answers of IPv4 (6.2)', () => {
    expect([VIP_DUMP.fields['pfx'], TARGET_DUMP.fields['pfx']]).toEqual(['::/0', '::/0']);
  });

  it('say what the tunnels are from, and how long flows last', () => {
    const conf = {
      ...{ ipv4SrcAddress: '192.0.2.254', ipv6SrcAddress: '2001:db8::fe' },
      ...{ stickyBucketsPerCore: 2048, flowTimeoutSeconds: 60 },
    };
    expect(messageOf({ does: 'conf', conf })).toEqual({
      message: 'lb_conf',
      fields: {
        ...{ ip4_src_address: '192.0.2.254', ip6_src_address: '2001:db8::fe' },
        ...{ sticky_buckets_per_core: 2048, flow_timeout: 60 },
      },
    });
  });
});
