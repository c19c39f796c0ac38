import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Ports from here on belong to the kernel's outgoing connections on Linux. */
const FIRST_EPHEMERAL = 32768;
const PICK_FROM = 20000;
const PICK_BELOW = 30000;

/**
 * The first free port of 127.0.0.1 at or above `preferred`, below 32768; without `preferred` the search starts
 * at a random place in 20000-29999. Free when asked: only binding it makes it yours.
 *
 * @throws Error when every port of the range is busy
 */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined) {
    const found = await firstFree(preferred, FIRST_EPHEMERAL);
    if (found === undefined) throw new Error(`no free port from ${preferred} to ${FIRST_EPHEMERAL - 1}`);
    return found;
  }
  const start = randomInt(PICK_FROM, PICK_BELOW);
  const found = (await firstFree(start, PICK_BELOW)) ?? (await firstFree(PICK_FROM, start));
  if (found === undefined) throw new Error(`no free port from ${PICK_FROM} to ${PICK_BELOW - 1}`);
  return found;
}

/** Whether a server could listen on this port of 127.0.0.1 now. */
export async function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

async function firstFree(from: number, below: number): Promise<number | undefined> {
  for (let port = from; port < below; port++) if (await isPortFree(port)) return port;
  return undefined;
}
