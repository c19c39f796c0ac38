import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '@signalbox/embedded';

/** Ports of a site on this machine. */
export interface SitePorts {
  readonly api: number;
  readonly nats: number;
  readonly postgres: number;
  /** Of the services that run as processes of their own, `api` excepted. */
  readonly services?: Readonly<Record<string, number>>;
}

/** Ports that a new site prefers; the next free one is taken and kept in `ports.json` (architecture section 7). */
const PREFERRED: SitePorts = { api: 7800, nats: 4222, postgres: 7832 };

/** The ports that a site had, else those that it prefers. */
export async function readPorts(stateDir: string): Promise<SitePorts> {
  const kept = await readFile(portsFile(stateDir), 'utf8').catch(() => '{}');
  return { ...PREFERRED, ...(JSON.parse(kept) as Partial<SitePorts>) };
}

/** Keeps ports for the next start; those that are not named stay as they are. */
export async function keepPorts(stateDir: string, ports: Partial<SitePorts>): Promise<void> {
  const all = { ...(await readPorts(stateDir)), ...ports };
  await writeFile(portsFile(stateDir), `${JSON.stringify(all)}\n`);
}

/** The port for the API, else the next free one after it, and says so. */
export async function chooseApiPort(wanted: number, log: (line: string) => void): Promise<number> {
  const port = await freePort(wanted);
  if (port !== wanted) log(`port ${wanted} is busy, the API takes ${port}`);
  return port;
}

function portsFile(stateDir: string): string {
  return join(stateDir, 'ports.json');
}
