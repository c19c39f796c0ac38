import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Ports from here on belong to the kernel's outgoing connections on Linux. */
const FIRST_EPHEMERAL = 32768;
const PICK_FROM = 20000;
const PICK_BELOW = 30000;
/** How long a port is given to nobody else: a site binds what it picked within seconds. Milliseconds. */
const HELD_MS = 60_000;

/**
 * The first free port of 127.0.0.1 at or above `preferred`, below 32768; without `preferred` the search starts
 * at a random place in 20000-29999. Free when asked: only binding it makes it yours. On Linux one without `preferred` is given
 * to nobody else who asks here, in whichever process, for a minute.
 *
 * @throws Error when every port of the range is busy
 */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined) {
    const found = await firstOf(preferred, FIRST_EPHEMERAL, isPortFree);
    if (found === undefined) throw new Error(`no free port from ${preferred} to ${FIRST_EPHEMERAL - 1}`);
    return found;
  }
  const start = randomInt(PICK_FROM, PICK_BELOW);
  const canHave = async (port: number): Promise<boolean> => (await isPortFree(port)) && hold(port);
  const found = (await firstOf(start, PICK_BELOW, canHave)) ?? (await firstOf(PICK_FROM, start, canHave));
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

/** False when another one holds it. A socket of this name tells, which goes with its process. */
async function hold(port: number): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  const holder = createServer().unref();
  return new Promise((resolve) => {
    holder.once('error', () => resolve(false));
    holder.listen({ path: `\0signalbox-port-${port}`, exclusive: true }, () => {
      setTimeout(() => holder.close(), HELD_MS).unref();
      resolve(true);
    });
  });
}

async function firstOf(
  from: number,
  below: number,
  canHave: (port: number) => Promise<boolean>,
): Promise<number | undefined> {
  for (let port = from; port < below; port++) if (await canHave(port)) return port;
  return undefined;
}
