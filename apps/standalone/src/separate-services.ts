import { programFile, type ServiceName, SERVICES } from '@signalbox/contracts';
import { freePort, isPortFree, startService } from '@signalbox/embedded';
import type { SiteConfig } from '@signalbox/runtime';
import type { NatsKeys } from './nats-keys.js';
import { keepPorts, readPorts } from './ports.js';
import { StartComplaints } from './start-complaints.js';
import { untilReady } from './until-ready.js';

const LOOPBACK = '127.0.0.1';
/** Ports from here on belong to the kernel's outgoing connections. */
const FIRST_EPHEMERAL = 32768;
/** Starts tried when another process takes a chosen port before the service that it was for. */
const PORT_ATTEMPTS = 5;
/** Where the search for ports begins when `api` has one of those. */
const FALLBACK_PORT = 7800;

/** What the processes of a site have in common. */
export interface SeparateSite {
  readonly config: SiteConfig;
  /** Environment of every service; each one's own port and seed are added. */
  readonly env: NodeJS.ProcessEnv;
  readonly keys: NatsKeys | undefined;
  /** The API may listen on another port than the one of the config. */
  readonly apiMoves: boolean;
  readonly log: (line: string) => void;
  /** Ends a start that is under way. */
  readonly signal: AbortSignal;
}

/** Services that run, each in a process of its own. */
export interface SeparateServices {
  /** Of the REST API. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts each service as a process of its own that is started again when it dies. Resolves when all are ready. One that
 * does not start ends them all; when a port was taken meanwhile, all are started again on others.
 */
export async function startSeparately(
  names: readonly ServiceName[],
  site: SeparateSite,
): Promise<SeparateServices> {
  const { stateDir, httpPort } = site.config;
  let apiPort = httpPort;
  for (let attempt = 1; ; attempt++) {
    const ports = await choosePorts(apiPort, (await readPorts(stateDir)).services ?? {});
    const { api: _api, ...others } = ports;
    await keepPorts(stateDir, { services: others });
    try {
      return await startAll(names, site, ports);
    } catch (error) {
      if (attempt === PORT_ATTEMPTS || site.signal.aborted) throw error;
      const taken = await takenPort(names, ports);
      if (!taken || (taken === 'api' && !site.apiMoves)) throw error;
      site.log(`port ${ports[taken]} of ${taken} is busy, starting the services on other ports`);
      apiPort = site.apiMoves ? await freePort(apiPort) : apiPort;
    }
  }
}

/** A service that was started and whose port somebody else has: none of ours runs any more. */
async function takenPort(
  names: readonly ServiceName[],
  ports: Readonly<Record<ServiceName, number>>,
): Promise<ServiceName | undefined> {
  for (const name of names) if (!(await isPortFree(ports[name]))) return name;
  return undefined;
}

async function startAll(
  names: readonly ServiceName[],
  site: SeparateSite,
  ports: Record<ServiceName, number>,
): Promise<SeparateServices> {
  const complaints = new StartComplaints(names, site.config.stateDir, site.log);
  const failed = new AbortController();
  const signal = AbortSignal.any([site.signal, failed.signal]);
  // all at once: none listens before the streams that others make are there
  const starts = names.map((name) =>
    startService({
      name,
      main: programFile(name),
      env: environmentOf(name, site, ports),
      stateDir: site.config.stateDir,
      port: ports[name],
      host: name === 'api' ? reachable(site.config.httpHost) : LOOPBACK,
      signal,
      log: site.log,
    }).catch((error: unknown) => {
      failed.abort(error);
      throw error;
    }),
  );
  const started = (await Promise.allSettled(starts)).filter((start) => start.status === 'fulfilled');
  const running = started.map(({ value }) => value);
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((service) => service.stop()));
  };
  try {
    signal.throwIfAborted();
    await untilReady(running, site.log, signal);
    const api = running.find(({ port }) => port === ports.api) ?? running[0];
    return { url: api?.url ?? '', stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    complaints.close();
  }
}

/** Where a service that listens there can be asked from this machine. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return LOOPBACK;
  return host.includes(':') ? `[${host}]` : host;
}

/**
 * A port for every service: the one it had, else the next one after that of `api`. All are chosen before the first
 * service is started, so that no two get the same one.
 */
async function choosePorts(
  apiPort: number,
  kept: Readonly<Record<string, number>>,
): Promise<Record<ServiceName, number>> {
  const first = apiPort < FIRST_EPHEMERAL - 100 ? apiPort : FALLBACK_PORT;
  const ports: Partial<Record<ServiceName, number>> = { api: apiPort };
  for (const [index, name] of SERVICES.entries()) {
    if (name === 'api') continue;
    let port = await freePort(kept[name] ?? first + index);
    while (Object.values(ports).includes(port)) port = await freePort(port + 1);
    ports[name] = port;
  }
  return ports as Record<ServiceName, number>;
}

/** Only `api` listens where the operator says: people and peers come to the others through it or not at all. */
function environmentOf(
  name: ServiceName,
  { config, env, keys }: SeparateSite,
  ports: Record<ServiceName, number>,
): NodeJS.ProcessEnv {
  return {
    ...env,
    HTTP_PORT: String(ports[name]),
    HTTP_HOST: name === 'api' ? config.httpHost : LOOPBACK,
    ...(keys && { NATS_SEED_FILE: keys.seedFile(name) }),
    ...(name === 'api' && { INGEST_URL: config.ingestUrl ?? `http://${LOOPBACK}:${ports.ingest}` }),
  };
}
