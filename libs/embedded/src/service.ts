import { join, resolve } from 'node:path';
import type { EmbeddedServer } from './embedded-server.js';
import { settlePreviousRun, type ServerIdentity } from './previous-run.js';
import { startSupervised } from './supervised-server.js';

/** How long one question to a service may take; it is asked again. */
const ANSWER_MS = 1_000;

/** A service of a site as a process of its own. */
export interface ServiceOptions {
  /** Names the files that the state directory has of it: `<name>.pid`, `log/<name>.log`. */
  readonly name: string;
  /** The built entry point. */
  readonly main: string;
  /** The whole environment, with the HTTP_PORT on which it shall listen. */
  readonly env: NodeJS.ProcessEnv;
  /** The site's own directory. */
  readonly stateDir: string;
  readonly port: number;
  /** Where it answers; default 127.0.0.1. */
  readonly host?: string;
  /** Ends a start that is under way. */
  readonly signal?: AbortSignal;
  /** One line for each thing an operator should know. */
  readonly log: (line: string) => void;
}

/** Under load most of what a service makes is gone a moment later: a larger nursery halves the time of its collections. */
const NODE_FLAGS = ['--max-semi-space-size=32'];

/**
 * Starts a service and keeps it running until `stop()`: one that died is started again on the same port. Resolves when
 * it listens. Services wait for each other before they listen, so start all of a site at the same time.
 *
 * @throws Error with the end of its log when it does not start
 */
export async function startService(options: ServiceOptions): Promise<EmbeddedServer> {
  const { name, main, env, port, host = '127.0.0.1', signal, log } = options;
  const stateDir = resolve(options.stateDir);
  const identity = identityOf(name, stateDir);
  const url = `http://${host}:${port}`;
  return startSupervised(
    {
      ...identity,
      logFile: join(stateDir, 'log', `${name}.log`),
      env,
      cwd: process.cwd(),
      command: () => [process.execPath, ...NODE_FLAGS, main, identity.marker],
      probe: (_port, pid) => probeService(url, pid),
      url: () => url,
    },
    { stateDir, env, port, strictPort: true, log, ...(signal && { signal }) },
  );
}

/**
 * Waits until the services of a killed process are gone, and stops those that stay: their ports are free then.
 *
 * @throws Error when another living process runs one of them
 */
export async function settleServices(
  names: readonly string[],
  stateDir: string,
  log: (line: string) => void,
): Promise<void> {
  await Promise.all(names.map((name) => settlePreviousRun(identityOf(name, resolve(stateDir)), log)));
}

/** The argument means nothing to the service: it tells the process from those of other sites. */
function identityOf(name: string, stateDir: string): ServerIdentity {
  const pidFile = join(stateDir, `${name}.pid`);
  return { name, marker: `--pid-file=${pidFile}`, pidFile, stopSignal: 'SIGTERM' };
}

async function probeService(url: string, pid: number): Promise<void> {
  const { ok, headers } = await fetch(`${url}/livez`, { signal: AbortSignal.timeout(ANSWER_MS) });
  if (!ok) throw new Error(`${url} is not alive`);
  const answered = headers.get('x-process-id');
  if (answered !== String(pid)) throw new Error(`${url} belongs to process ${answered}`);
}
