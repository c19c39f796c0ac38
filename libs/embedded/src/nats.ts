import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { EmbeddedOptions, EmbeddedServer } from './embedded-server.js';
import { freePort } from './free-port.js';
import { writeKept } from './kept-file.js';
import { findNatsBinary } from './nats-binary.js';
import { renderNatsConfig, SITE_ACCOUNT, syncIntervalOf } from './nats-config.js';
import { cannotStore } from './nats-health.js';
import { natsServerName } from './nats-info.js';
import { storeBound } from './nats-store.js';
import { shortHash } from './short-hash.js';
import { startSupervised } from './supervised-server.js';
import { bareEnvironment } from './watchdog.js';

const run = promisify(execFile);

/** What an embedded NATS is started with. */
export interface NatsOptions extends EmbeddedOptions {
  /** The users who may log in ({@link ensureSiteKeys}); without it anybody on this machine may. */
  usersFile?: string | undefined;
  /** How soon JetStream syncs to disk (`always`, `10s`), where the server can (2.9.10 cannot); undefined: its own default. */
  sync?: string | undefined;
  /** Most bytes of all streams; by default half of the room on their file system, see {@link storeBound}. */
  maxStore?: number | undefined;
}

/** A bound is raised when it would be so much higher. */
const WORTH_RAISING = 1.1;

/**
 * Starts a nats-server with JetStream on 127.0.0.1, data in `<stateDir>/nats`, and keeps it running. It
 * refuses messages before the disk is full; one that met a full disk all the same, and stores nothing any more, is started
 * again.
 *
 * @throws Error when no nats-server is found or it does not start
 */
export async function startNats(options: NatsOptions): Promise<EmbeddedServer> {
  const stateDir = resolve(options.stateDir);
  const dataDir = join(stateDir, 'nats');
  mkdirSync(stateDir, { recursive: true });
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  adoptGlobalAccount(dataDir);
  const binary = await findNatsBinary({ ...options, stateDir });
  const serverName = `signalbox-${shortHash(stateDir)}`;
  const configFile = join(stateDir, 'nats.conf');
  const usersFile = options.usersFile && relative(stateDir, resolve(options.usersFile));
  const settings = { serverName, storeDir: dataDir, usersFile };

  const asked = syncIntervalOf(options.sync);
  const wanted = renderNatsConfig({ ...settings, port: 4222, syncInterval: asked });
  const syncInterval = asked && (await accepts(binary, `${configFile}.try`, wanted)) ? asked : undefined;
  if (asked && !syncInterval)
    options.log(`${await version(binary)} has no sync_interval: SIGNALBOX_NATS_SYNC is left out`);

  /** What the configuration says that stands there. */
  let written: { readonly maxStore: number; readonly monitorPort: number } | undefined;
  const configure = (port: number, wanted: NonNullable<typeof written>): void => {
    const config = renderNatsConfig({ ...settings, port, syncInterval, ...wanted });
    if (writeKept(configFile, config)) written = wanted;
    else options.log(`${configFile} could not be written: nats-server goes on with what it says`);
  };
  const bound = (): number => options.maxStore ?? storeBound(dataDir);
  /** Room that came back may be used: a server takes a higher bound while it runs, a lower one at its next start. */
  const raiseBound = (port: number, pid: number): void => {
    const maxStore = bound();
    if (!written || maxStore < written.maxStore * WORTH_RAISING) return;
    configure(port, { ...written, maxStore });
    process.kill(pid, 'SIGHUP');
    options.log(`nats-server may store ${maxStore} bytes from now on`);
  };

  return startSupervised(
    {
      name: 'nats-server',
      marker: configFile,
      pidFile: join(stateDir, 'nats.pid'),
      logFile: join(stateDir, 'nats.log'),
      stopSignal: 'SIGTERM',
      env: bareEnvironment(options.env),
      dataDir,
      command: async (port) => {
        configure(port, { maxStore: bound(), monitorPort: await freePort() });
        return [binary, '-c', configFile];
      },
      check: async (port, pid) => {
        raiseBound(port, pid);
        return written && cannotStore(written.monitorPort);
      },
      probe: async (port) => {
        const name = await natsServerName(port);
        if (name !== serverName) throw new Error(`port ${port} belongs to the nats-server ${name}`);
      },
      url: (port) => `nats://127.0.0.1:${port}`,
    },
    options,
  );
}

/** Streams of a server without accounts are those of its global account: they become the site's. */
function adoptGlobalAccount(dataDir: string): void {
  const accounts = join(dataDir, 'jetstream');
  const [global, own] = [join(accounts, '$G'), join(accounts, SITE_ACCOUNT)];
  if (existsSync(global) && !existsSync(own)) renameSync(global, own);
}

/** Whether this nats-server would start with the configuration. */
async function accepts(binary: string, file: string, config: string): Promise<boolean> {
  writeFileSync(file, config);
  try {
    await run(binary, ['-t', '-c', file]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(file);
  }
}

async function version(binary: string): Promise<string> {
  return (await run(binary, ['--version'])).stdout.trim();
}
