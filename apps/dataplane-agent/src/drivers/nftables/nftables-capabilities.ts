import { type Capabilities, DSR_ALGORITHMS } from '@signalbox/contracts';

/**
 * What the kernel can do by nftables and connection tracking: all of layer 4 that is decided by the first packet of a
 * flow. No least connections: its rules cannot know how many stand at each target. Reference load-balancing section 3.
 */
export const NFTABLES_CAPABILITIES: Capabilities = {
  protocols: ['tcp', 'udp'],
  algorithms: ['round-robin', 'source-hash', 'maglev', 'random'],
  affinity: ['source-ip'],
  flush: true,
  targetPorts: true,
  mixedFamilies: false,
  connectionLimit: false,
  proxyProtocol: false,
  policies: false,
  requestCounters: false,
  dsr: DSR_ALGORITHMS,
  // a map of turns has up to 100 elements a target, and an element takes 0.8 KB of the kernel
  maxTargets: 512,
};
