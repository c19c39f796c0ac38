// The listener whose weights change, as a node is told of it.
import { built } from './domain-of.mjs';

const { DEFAULT_TIMEOUTS } = await built('libs/contracts/src/index.js');

/** Three targets behind a Maglev table of that size; the weight is that of the first. */
export function nftListener(size, weight) {
  return {
    name: 'web',
    address: '192.0.2.10',
    protocol: 'tcp',
    port: 80,
    algorithm: 'maglev',
    tableSize: size,
    timeouts: DEFAULT_TIMEOUTS,
    targets: [weight, 100, 100].map((one, at) => ({
      ...{ address: `10.2.0.${at + 1}`, port: 8080, weight: one, flushes: 0 },
    })),
  };
}
