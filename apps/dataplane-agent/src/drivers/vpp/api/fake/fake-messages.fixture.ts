/**
 * Messages of the fake with the CRC that VPP has for each. Written here by hand and not read from the description, which is what is under
 * test. The README of the description says where each CRC is from.
 */
export const FAKE_MESSAGES: Readonly<Record<string, string>> = {
  sockclnt_create: '455fb9c4',
  sockclnt_create_reply: '35166268',
  sockclnt_delete: '8ac76db6',
  sockclnt_delete_reply: '8f38b1ee',
  memclnt_keepalive: '51077d14',
  memclnt_keepalive_reply: 'e8d4e804',
  control_ping: '51077d14',
  control_ping_reply: 'f6b0b8ca',
  show_version: '51077d14',
  show_version_reply: 'c919bde1',
  cli_inband: 'f8377302',
  cli_inband_reply: '05879051',
  lb_conf: '56cd3261',
  lb_conf_reply: 'e8d4e804',
  lb_conf_get: '51077d14',
  lb_conf_get_reply: '923427ac',
  lb_add_del_vip_v2: '7c520e0f',
  lb_add_del_vip_v2_reply: 'e8d4e804',
  lb_add_del_as_v2: '2f1d3b0e',
  lb_add_del_as_v2_reply: 'e8d4e804',
  lb_as_set_weight: '2d89bdbd',
  lb_as_set_weight_reply: 'e8d4e804',
  lb_flush_vip: '1063f819',
  lb_flush_vip_reply: 'e8d4e804',
  lb_vip_dump: '56110cb7',
  lb_vip_details: '1329ec9b',
  lb_as_v2_dump: '1063f819',
  lb_as_v2_details: '90064aae',
  // of another plugin, which nobody here describes
  want_interface_events: '476f5a08',
  sw_interface_event: '2d3d95a7',
};

/** Requests that change something. */
export const FAKE_WRITES: readonly string[] = [
  'lb_conf',
  'lb_add_del_vip_v2',
  'lb_add_del_as_v2',
  'lb_as_set_weight',
  'lb_flush_vip',
];
