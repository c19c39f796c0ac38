import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { addressFamily } from '@signalbox/contracts';
import type { Place, Transport } from './place.js';

/** Whether a server could listen at a place now; `code` is that of the system. */
export type TrialResult = { readonly isFree: true } | { readonly isFree: false; readonly code: string };

/**
 * Tries to listen at a place as nobody else does, and stops at once. HAProxy shares its ports (`SO_REUSEPORT`), so it
 * would take one that another program shares too, and each would get a part of the connections; this trial does not.
 */
export async function tryToListen(place: Place, transport: Transport = 'tcp'): Promise<TrialResult> {
  const bound = await listen(place, transport);
  return 'code' in bound ? { isFree: false, code: bound.code } : { isFree: true };
}

/** A port of the address that is free now, as the system chooses it. Undefined: the address is not to be had. */
export async function findFreePort(
  address: string,
  transport: Transport = 'tcp',
): Promise<number | undefined> {
  const bound = await listen({ address, port: 0 }, transport);
  return 'code' in bound ? undefined : bound.port;
}

type Bound = { readonly port: number } | { readonly code: string };

/** Listens, and is gone again. */
function listen(place: Place, transport: Transport): Promise<Bound> {
  return transport === 'udp' ? listenUdp(place) : listenTcp(place);
}

function listenTcp({ address, port }: Place): Promise<Bound> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve({ code: codeOf(error) }));
    server.listen(
      { host: address, port, exclusive: true, ipv6Only: addressFamily(address) === 'IPv6' },
      () => {
        const bound = server.address();
        const given = bound !== null && typeof bound === 'object' ? bound.port : port;
        server.close(() => resolve({ port: given }));
      },
    );
  });
}

function listenUdp({ address, port }: Place): Promise<Bound> {
  return new Promise((resolve) => {
    const isV6 = addressFamily(address) === 'IPv6';
    const socket = createSocket({ type: isV6 ? 'udp6' : 'udp4', ipv6Only: isV6 });
    socket.once('error', (error) => {
      socket.close();
      resolve({ code: codeOf(error) });
    });
    socket.bind({ address, port, exclusive: true }, () => {
      const { port: given } = socket.address();
      socket.close(() => resolve({ port: given }));
    });
  });
}

function codeOf(error: NodeJS.ErrnoException): string {
  return error.code ?? error.message;
}
