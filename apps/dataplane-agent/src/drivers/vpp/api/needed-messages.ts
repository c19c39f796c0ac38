/**
 * The messages that the driver needs of VPP, with their replies. Those of the lb plugin that a weight goes by came with the plugin of
 * 2026: VPP 26.06 does not have them. Reference maglev 6.2.
 */
export const NEEDED_MESSAGES = [
  'sockclnt_create',
  'sockclnt_create_reply',
  'sockclnt_delete',
  'sockclnt_delete_reply',
  'memclnt_keepalive',
  'memclnt_keepalive_reply',
  'control_ping',
  'control_ping_reply',
  'show_version',
  'show_version_reply',
  'cli_inband',
  'cli_inband_reply',
  'lb_conf',
  'lb_conf_reply',
  'lb_conf_get',
  'lb_conf_get_reply',
  'lb_add_del_vip_v2',
  'lb_add_del_vip_v2_reply',
  'lb_add_del_as_v2',
  'lb_add_del_as_v2_reply',
  'lb_as_set_weight',
  'lb_as_set_weight_reply',
  'lb_flush_vip',
  'lb_flush_vip_reply',
  'lb_vip_dump',
  'lb_vip_details',
  'lb_as_v2_dump',
  'lb_as_v2_details',
] as const;

/** Where each message is from, for who has to find a VPP that has it. */
export function originOf(message: string): string {
  if (/^lb_(conf_get|add_del_as_v2|as_set_weight|as_v2)/.test(message))
    return 'the lb plugin of a VPP newer than 26.06';
  if (message.startsWith('lb_')) return 'the lb plugin, of VPP 21.06 or later';
  return 'VPP 21.06 or later';
}
