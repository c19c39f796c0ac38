import type { NftListener, NftTarget } from './nft-listener.js';

export const TARGETS: readonly NftTarget[] = [
  { address: '10.0.0.9', port: 8080, weight: 50 },
  { address: '10.0.0.10', port: 8080, weight: 0 },
  { address: '10.0.0.10', port: 8081, weight: 30 },
];

export const TARGETS6: readonly NftTarget[] = [
  { address: '2001:db8::1', port: 53, weight: 100 },
  { address: '2001:DB8:0::2', port: 53, weight: 100 },
];

/** Of a listener whose targets answer clients themselves; at the last one nobody does. */
export const DSR_TARGETS: readonly NftTarget[] = [
  { address: '10.0.0.9', port: 80, weight: 100, device: 'eth1' },
  { address: '10.0.0.10', port: 80, weight: 50, device: 'eth1' },
  { address: '10.0.0.11', port: 80, weight: 100 },
];

/** A listener as the kernel is made to serve it. */
export function aListener(changes: Partial<NftListener> = {}): NftListener {
  return {
    name: 'web',
    address: '192.0.2.10',
    protocol: 'tcp',
    port: 80,
    listensAt: { address: '192.0.2.10', port: 80 },
    algorithm: 'round-robin',
    targets: TARGETS,
    ...changes,
  };
}

/** One of each kind. */
export const SAMPLES: readonly NftListener[] = [
  aListener({
    ...{ name: 'direct', forwarding: 'dsr', algorithm: 'maglev', tableSize: 13, targets: DSR_TARGETS },
    ...{ address: '192.0.2.12', listensAt: { address: '192.0.2.12', port: 80 } },
  }),
  aListener({
    name: 'dns',
    address: '2001:db8::53',
    protocol: 'udp',
    port: 53,
    listensAt: { address: '2001:db8::53', port: 53 },
    algorithm: 'maglev',
    tableSize: 23,
    flowMs: 50_000,
    targets: TARGETS6,
  }),
  aListener({ name: 'empty', port: 81, listensAt: { address: '192.0.2.10', port: 81 }, targets: [] }),
  aListener({
    name: 'lab/mäil',
    port: 25,
    listensAt: { address: '127.0.0.1', port: 2525 },
    algorithm: 'random',
    affinityMs: 60_000,
  }),
  aListener(),
];
