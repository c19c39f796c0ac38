import type { Capabilities } from '@signalbox/contracts';
import { LB_TABLE_LENGTH } from './lb-table.js';

/**
 * What the plugin `lb` of VPP can do with GRE: packets go to targets as they came, in a tunnel, and targets answer clients themselves.
 * Reference maglev 6, load-balancing section 7.
 */
export const VPP_CAPABILITIES: Capabilities = {
  protocols: ['tcp', 'udp', 'any'],
  algorithms: ['maglev'],
  affinity: ['source-ip'],
  flush: true,
  // a tunnel changes no ports
  targetPorts: false,
  mixedFamilies: true,
  connectionLimit: false,
  proxyProtocol: false,
  policies: false,
  requestCounters: false,
  dsr: ['maglev'],
  // who finds no slot in the table gets nothing
  maxTargets: LB_TABLE_LENGTH,
};
