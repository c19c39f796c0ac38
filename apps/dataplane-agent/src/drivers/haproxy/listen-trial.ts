import { createServer } from 'node:net';
import { addressFamily } from '@signalbox/contracts';
import type { Place } from './placed-listener.js';

/** Whether a server could listen at a place now; `code` is that of the system. */
export type TrialResult = { readonly isFree: true } | { readonly isFree: false; readonly code: string };

/**
 * Tries to listen at a place as nobody else does, and stops at once. HAProxy shares its ports (`SO_REUSEPORT`), so it
 * would take one that another program shares too, and each would get a part of the connections; this trial does not.
 */
export async function tryToListen({ address, port }: Place): Promise<TrialResult> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve({ isFree: false, code: error.code ?? error.message }),
    );
    server.listen({ host: address, port, exclusive: true, ipv6Only: addressFamily(address) === 'IPv6' }, () =>
      server.close(() => resolve({ isFree: true })),
    );
  });
}

/** A port of the address that is free now, as the system chooses it. Undefined: the address is not to be had. */
export async function findFreePort(address: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ host: address, port: 0, exclusive: true }, () => {
      const bound = server.address();
      const port = bound !== null && typeof bound === 'object' ? bound.port : undefined;
      server.close(() => resolve(port));
    });
  });
}
