import { chmod, cp, mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { productDir } from '@signalbox/contracts';
import { type EmbeddedServer, maxStoreOf, startNats, startPostgres } from '@signalbox/embedded';
import { pluginDirOf } from './plugin-dir.js';
import { type NatsKeys, prepareUsers } from './nats-keys.js';
import { chooseApiPort, keepPorts, readPorts } from './ports.js';

/** Which site to start and what is given. */
export interface SiteRequest {
  readonly stateDir: string;
  readonly env: NodeJS.ProcessEnv;
  /** Keys without which nobody gets into an embedded NATS; without them anybody on this machine does. */
  readonly keys: NatsKeys | undefined;
  /** One line for each thing an operator should know. */
  readonly log: (line: string) => void;
}

/** Servers, ports and directories of a site that runs on embedded defaults. */
export interface EmbeddedSite {
  /** Environment for the services, on top of the process's own. */
  readonly env: Readonly<Record<string, string>>;
  /** Stops the servers that were started. */
  stop(): Promise<void>;
}

/**
 * Starts what the environment does not name: NATS, Postgres. Makes the directories for plugins and secrets, and puts
 * a copy of the example plugins there that the runner trusts (0755, ours).
 */
export async function startSite({ stateDir, env, keys, log }: SiteRequest): Promise<EmbeddedSite> {
  const wanted = await readPorts(stateDir);
  const servers: EmbeddedServer[] = [];
  const stop = async (): Promise<void> => {
    for (const server of servers) await server.stop();
  };
  try {
    const cacheDir = env['SIGNALBOX_CACHE_DIR'];
    const shared = { stateDir, env, log, ...(cacheDir !== undefined && { cacheDir }) };
    const start = async (
      name: 'NATS_URL' | 'DATABASE_URL',
      run: () => Promise<EmbeddedServer>,
    ): Promise<string> => {
      const given = env[name];
      if (given) return given;
      const server = await run();
      servers.push(server);
      return server.url;
    };
    const [natsUrl, databaseUrl] = await Promise.all([
      start('NATS_URL', () =>
        startNats({
          ...shared,
          port: wanted.nats,
          usersFile: keys && prepareUsers(keys, productDir()),
          sync: env['SIGNALBOX_NATS_SYNC'],
          maxStore: maxStoreOf(env['SIGNALBOX_NATS_MAX_STORE']),
        }),
      ),
      start('DATABASE_URL', () => startPostgres({ ...shared, port: wanted.postgres })),
    ]);
    const httpPort = env['HTTP_PORT'] ?? String(await chooseApiPort(wanted.api, log));
    await keepPorts(stateDir, {
      api: Number(httpPort),
      // those of an operator's servers are in their addresses, and no choice of ours
      ...(!env['NATS_URL'] && { nats: portOf(natsUrl) }),
      ...(!env['DATABASE_URL'] && { postgres: portOf(databaseUrl) }),
    });
    return {
      env: {
        NATS_URL: natsUrl,
        DATABASE_URL: databaseUrl,
        HTTP_PORT: httpPort,
        SIGNALBOX_STATE_DIR: stateDir,
        SIGNALBOX_PLUGIN_DIRS:
          env['SIGNALBOX_PLUGIN_DIRS'] ?? (await copyExamplePlugins(pluginDirOf(stateDir))),
        SIGNALBOX_SECRET_DIR:
          env['SIGNALBOX_SECRET_DIR'] ?? (await privateDirectory(join(stateDir, 'secrets'))),
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}

async function privateDirectory(path: string): Promise<string> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  return path;
}

/** Copies what is new or changed, so that plugins an operator put there stay. */
async function copyExamplePlugins(target: string): Promise<string> {
  await mkdir(target, { recursive: true });
  await chmod(target, 0o755);
  const examples = join(productDir(), 'examples', 'plugins');
  for (const entry of await readdir(examples, { withFileTypes: true })) {
    if (!entry.isFile() || entry.name.includes('.')) continue;
    const [from, to] = [join(examples, entry.name), join(target, entry.name)];
    const [source, copy] = await Promise.all([stat(from), stat(to).catch(() => undefined)]);
    if (copy && copy.mtimeMs >= source.mtimeMs && copy.size === source.size) continue;
    await cp(from, to, { force: true });
    await chmod(to, 0o755);
  }
  return target;
}
