import { setTimeout as pause } from 'node:timers/promises';
import type { EmbeddedOptions, EmbeddedServer } from './embedded-server.js';
import { freePort, isPortFree } from './free-port.js';
import { deadlinePassed, pollUntil } from './poll-until.js';
import { removePidFile, settlePreviousRun, writePidFile, type ServerIdentity } from './previous-run.js';
import { isAlive } from './process-table.js';
import { restartDelay } from './restart-delay.js';
import { keepBounded, logTail } from './server-log.js';
import { startWatched, type WatchedProcess } from './watchdog.js';
import type { Account } from './account.js';

/** How long a first start may take, a crash recovery of Postgres included. */
const READY_MS = 120_000;

/** How often a server is asked whether it is well. */
const CHECK_MS = 5_000;

/** Starts tried when another process takes the chosen port between our look and the server's. */
const PORT_ATTEMPTS = 5;

/** Everything that differs between one kind of server and another. */
export interface ServerPlan extends ServerIdentity {
  /** Without it, it keeps nothing here but its log. */
  readonly dataDir?: string;
  readonly logFile: string;
  readonly account?: Account | undefined;
  /** Environment and directory of the command, see `WatchedCommand`. */
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** The command line for a port; may write a configuration file first. */
  readonly command: (port: number) => readonly string[] | Promise<readonly string[]>;
  /** Resolves when *this* server (not some other one on the port) serves; rejects when not yet. */
  readonly probe: (port: number, pid: number) => Promise<void>;
  readonly url: (port: number) => string;
  /** Asked now and then of a server that runs: why it must be started again, undefined while it is well, or cannot be asked. */
  readonly check?: (port: number, pid: number) => Promise<string | undefined>;
}

/**
 * Starts a server and keeps it running on the same port and data until `stop()`: one that died by itself is started
 * again after 100 ms, doubling up to 5 s.
 *
 * @throws Error when it does not start; nothing is left running then
 */
export async function startSupervised(plan: ServerPlan, options: EmbeddedOptions): Promise<EmbeddedServer> {
  await settlePreviousRun(plan, options.log);
  const { run, port } = await firstStart(plan, options);
  const place = plan.dataDir === undefined ? `log in ${plan.logFile}` : `data in ${plan.dataDir}`;
  options.log(`${plan.name} listens on ${addressOf(plan, port)} (pid ${run.pid}), ${place}`);
  const supervisor = new Supervisor(plan, port, run, options.log);
  let stopping: Promise<void> | undefined;
  return {
    url: plan.url(port),
    port,
    dataDir: plan.dataDir ?? options.stateDir,
    pid: () => supervisor.pid(),
    stop: () => (stopping ??= supervisor.stop()),
  };
}

function addressOf(plan: ServerPlan, port: number): string {
  return new URL(plan.url(port)).host;
}

async function firstStart(
  plan: ServerPlan,
  options: EmbeddedOptions,
): Promise<{ run: WatchedProcess; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = await choosePort(plan.name, options);
    const run = await launch(plan, port, options.log);
    const reason = await readyOrEnded(plan, port, run, READY_MS, options.signal);
    if (reason === 'ready') return { run, port };
    await run.stop();
    removePidFile(plan.pidFile);
    options.signal?.throwIfAborted();
    const portTaken =
      !options.strictPort && (!(await isPortFree(port)) || SECOND_PORT_TAKEN.test(logTail(plan.logFile)));
    if (!portTaken || attempt === PORT_ATTEMPTS)
      throw new Error(
        `${plan.name} did not start (${reason}), see ${plan.logFile}:\n${logTail(plan.logFile)}`,
      );
  }
}

async function choosePort(name: string, { port, strictPort, log }: EmbeddedOptions): Promise<number> {
  if (port === undefined) return freePort();
  if (await isPortFree(port)) return port;
  if (strictPort) throw new Error(`port ${port} is busy, ${name} cannot use it`);
  const next = await freePort(port);
  log(`port ${port} is busy, ${name} takes ${next}`);
  return next;
}

/** What a server says that could not have another port than the one it was started for. */
const SECOND_PORT_TAKEN = /address already in use/i;

async function launch(plan: ServerPlan, port: number, log: (line: string) => void): Promise<WatchedProcess> {
  const { stopSignal, logFile, account, env, cwd } = plan;
  const command = await plan.command(port);
  const run = await startWatched({ command, stopSignal, logFile, account, env, cwd });
  try {
    writePidFile(plan.pidFile, run.pid);
  } catch (error) {
    // on a full disk; only a next start after a kill would look for it
    log(`${plan.name} runs (pid ${run.pid}), and that could not be noted: ${String(error)}`);
  }
  return run;
}

/** Probes until the server serves ('ready'), ends by itself (the reason) or `withinMs` is over ('not ready in time'). */
async function readyOrEnded(
  plan: ServerPlan,
  port: number,
  run: WatchedProcess,
  withinMs: number,
  signal?: AbortSignal,
): Promise<string> {
  let end: string | undefined;
  void run.ended.then((reason) => (end = reason));
  const serves = (): Promise<boolean> =>
    plan.probe(port, run.pid).then(
      () => true,
      () => false,
    );
  const over = deadlinePassed(withinMs);
  const ready = await pollUntil(serves, () => end !== undefined || signal?.aborted || over());
  return end ?? (ready ? 'ready' : 'not ready in time');
}

class Supervisor {
  private readonly logBound: { stop: () => void };
  private readonly stopped = new AbortController();
  private readonly watching: Promise<void>;
  private readonly checking: Promise<void> | undefined;

  constructor(
    private readonly plan: ServerPlan,
    private readonly port: number,
    private run: WatchedProcess,
    private readonly log: (line: string) => void,
  ) {
    this.logBound = keepBounded(plan.logFile);
    this.watching = this.watch();
    if (plan.check) this.checking = this.keepChecking(plan.check);
  }

  pid(): number | undefined {
    return isAlive(this.run.pid) ? this.run.pid : undefined;
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await this.run.stop();
    await Promise.all([this.watching, this.checking]);
    this.logBound.stop();
    removePidFile(this.plan.pidFile);
  }

  private async watch(): Promise<void> {
    let delayMs: number | undefined;
    for (;;) {
      const startedAt = performance.now();
      const reason = await this.run.ended;
      if (this.isStopping()) return;
      delayMs = restartDelay(delayMs, performance.now() - startedAt);
      this.log(`${this.plan.name} stopped by itself (${reason}), starting it again in ${delayMs} ms`);
      await this.pause(delayMs);
      if (this.isStopping()) return;
      await this.restart();
    }
  }

  private async keepChecking(check: NonNullable<ServerPlan['check']>): Promise<void> {
    for (;;) {
      await this.pause(CHECK_MS);
      if (this.isStopping()) return;
      const { run } = this;
      if (!isAlive(run.pid)) continue;
      const reason = await check(this.port, run.pid).catch(() => undefined);
      if (reason === undefined || this.isStopping()) continue;
      this.log(`${this.plan.name} has to be started again: ${reason}`);
      // the watch starts another one
      await run.stop();
    }
  }

  /** A start that fails leaves the ended run in place, so that the watch goes on with the next delay. */
  private async restart(): Promise<void> {
    try {
      this.run = await launch(this.plan, this.port, this.log);
    } catch (error) {
      this.log(`${this.plan.name} could not be started: ${String(error)}`);
      return;
    }
    // A stop that came meanwhile asked the run before this one.
    if (this.isStopping()) await this.run.stop();
    else void this.announce(this.run);
  }

  private async announce(run: WatchedProcess): Promise<void> {
    // No deadline: a long recovery must not be cut short, and a server that ends is started again anyway.
    if ((await readyOrEnded(this.plan, this.port, run, Infinity)) === 'ready' && !this.isStopping())
      this.log(`${this.plan.name} is back on ${addressOf(this.plan, this.port)} (pid ${run.pid})`);
  }

  private isStopping(): boolean {
    return this.stopped.signal.aborted;
  }

  private async pause(ms: number): Promise<void> {
    try {
      await pause(ms, undefined, { signal: this.stopped.signal });
    } catch {
      // stopped: the caller looks
    }
  }
}
