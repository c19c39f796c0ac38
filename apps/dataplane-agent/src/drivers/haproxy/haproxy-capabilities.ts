import type { Capabilities } from '@signalbox/contracts';

/**
 * What HAProxy can do. No UDP: it has none. No Maglev: its consistent hash is another algorithm, with other tables, and
 * is offered as `source-hash` only. Reference load-balancing section 2.
 */
export const HAPROXY_CAPABILITIES: Capabilities = {
  protocols: ['tcp', 'http', 'terminated-https'],
  algorithms: ['round-robin', 'least-connections', 'source-hash', 'random'],
  affinity: ['source-ip', 'http-cookie', 'app-cookie'],
  flush: true,
  targetPorts: true,
  mixedFamilies: true,
  connectionLimit: true,
  proxyProtocol: true,
  policies: true,
  requestCounters: true,
  dsr: [],
  // round robin of HAProxy knows no more servers in one backend
  maxTargets: 4_095,
};
