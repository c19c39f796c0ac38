import { chmod, cp, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type EmbeddedServer, freePort, startNats, startPostgres } from '@signalbox/embedded';

/** Ports that a new site prefers; the next free one is taken and kept in `ports.json` (architecture section 7). */
const PREFERRED = { api: 7800, nats: 4222, postgres: 7832 } as const;

/** Servers, ports and directories of a site that runs on embedded defaults. */
export interface EmbeddedSite {
  /** Environment for the services, on top of the process's own. */
  readonly env: Readonly<Record<string, string>>;
  /** Stops the servers that were started, NATS first. */
  stop(): Promise<void>;
}

/**
 * Starts what the environment does not name: NATS, Postgres. Makes the directories for plugins and secrets, and puts
 * a copy of the example plugins there that the runner trusts (0755, ours).
 */
export async function startSite(
  stateDir: string,
  env: NodeJS.ProcessEnv,
  log: (line: string) => void,
): Promise<EmbeddedSite> {
  const portsFile = join(stateDir, 'ports.json');
  const kept = JSON.parse(await readFile(portsFile, 'utf8').catch(() => '{}')) as Partial<typeof PREFERRED>;
  const wanted = { ...PREFERRED, ...kept };
  const servers: EmbeddedServer[] = [];
  const stop = async (): Promise<void> => {
    for (const server of servers) await server.stop();
  };
  try {
    const cacheDir = env['SIGNALBOX_CACHE_DIR'];
    const shared = { stateDir, log, ...(cacheDir !== undefined && { cacheDir }) };
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
      start('NATS_URL', () => startNats({ ...shared, port: wanted.nats })),
      start('DATABASE_URL', () => startPostgres({ ...shared, port: wanted.postgres })),
    ]);
    const httpPort = env['HTTP_PORT'] ?? String(await freePort(wanted.api));
    const ports = { api: Number(httpPort), nats: portOf(natsUrl), postgres: portOf(databaseUrl) };
    await writeFile(portsFile, `${JSON.stringify(ports)}\n`);
    return {
      env: {
        NATS_URL: natsUrl,
        DATABASE_URL: databaseUrl,
        HTTP_PORT: httpPort,
        SIGNALBOX_STATE_DIR: stateDir,
        SIGNALBOX_PLUGIN_DIRS: env['SIGNALBOX_PLUGIN_DIRS'] ?? (await copyExamplePlugins(stateDir)),
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
async function copyExamplePlugins(stateDir: string): Promise<string> {
  const target = join(stateDir, 'plugins');
  await mkdir(target, { recursive: true });
  await chmod(target, 0o755);
  const examples = join(checkout(), 'examples', 'plugins');
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

/** Root of the checkout: this file lies in dist/apps/standalone/src. */
function checkout(): string {
  return join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', '..');
}
