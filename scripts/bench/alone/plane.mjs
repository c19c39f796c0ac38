// A data plane of one process: its driver, and the listeners that it serves.
import { join } from 'node:path';
import { built } from './domain-of.mjs';

const { SimDriver } = await built('apps/dataplane-agent/src/drivers/sim/sim-driver.js');
const { HaproxyDriver } = await built('apps/dataplane-agent/src/drivers/haproxy/haproxy-driver.js');
const { ProcessPortMemory } = await built('apps/dataplane-agent/src/drivers/port-memory.js');
const { DEFAULT_TIMEOUTS } = await built('libs/contracts/src/index.js');

/** For a data plane that hangs. */
export const PATIENT = { deadlineMs: 60_000 };

/** The driver of this name; HAProxy has its files and sockets in `state`, and ends when the driver is closed. */
export function openPlane({ driver, state }) {
  // HAProxy has a process group of its own: what interrupts the bench must not keep us from ending it
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);
  if (driver === 'sim') return new SimDriver();
  const sockets = { masterSocket: join(state, 'master.sock'), statsSocket: join(state, 'stats.sock') };
  const settings = { configFile: join(state, 'haproxy.cfg'), ...sockets, ownsProcess: true };
  return new HaproxyDriver(settings, new ProcessPortMemory());
}

/** A listener at a free loopback port. */
export function listener(name, targets) {
  return {
    name,
    address: '192.0.2.10',
    protocol: 'tcp',
    port: 80,
    listenAt: { address: '127.0.0.1' },
    algorithm: 'round-robin',
    timeouts: DEFAULT_TIMEOUTS,
    targets,
  };
}

/** A target on loopback. */
export function target(port, weight = 100) {
  return { address: '127.0.0.1', port, weight, flushes: 0 };
}

/** Applies these alone; throws when one is refused. */
export async function bring(driver, listeners) {
  const result = await driver.apply({ node: 'bench', generation: 1, listeners }, PATIENT);
  const refused = result.listeners.find(({ state }) => state === 'refused');
  if (refused) throw new Error(`${refused.name} was refused: ${refused.error.message}`);
  return result;
}
