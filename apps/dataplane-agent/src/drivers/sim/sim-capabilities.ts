import { ALGORITHMS, type Capabilities } from '@signalbox/contracts';
import { SIM_LIMITS } from './limits.js';

/** What `sim` can do: all of layer 4. */
export const SIM_CAPABILITIES: Capabilities = {
  protocols: ['tcp', 'udp'],
  algorithms: ALGORITHMS,
  affinity: ['source-ip'],
  flush: true,
  targetPorts: true,
  mixedFamilies: true,
  connectionLimit: true,
  proxyProtocol: false,
  policies: false,
  requestCounters: false,
  dsr: [],
  maxTargets: SIM_LIMITS.targets,
};
