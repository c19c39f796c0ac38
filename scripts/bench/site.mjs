// A site of its own for a part of the bench, as one process or one per service, and its REST.
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { connect, nkeyAuthenticator } from 'nats';
import pg from 'pg';
import { ROOT } from '../prepare.mjs';

const MAIN = join(ROOT, 'dist', 'bundle', 'standalone.js');

/** Where a nats-server that was fetched is kept for all of them. */
export const CACHE_DIR = join(ROOT, '.signalbox', 'cache');

/** Runs `work` on a directory that is removed afterwards. */
export async function withState(work) {
  const state = mkdtempSync(join(tmpdir(), 'signalbox-bench-'));
  chmodSync(state, 0o711);
  try {
    return await work(state);
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
}

/** Runs `work` on a site that is stopped and removed afterwards. Options as {@link startSite}. */
export function withSite(options, work) {
  return withState(async (state) => {
    const site = await startSite(state, options);
    try {
      return await work(site);
    } finally {
      await site.stop();
    }
  });
}

/**
 * Starts a site on embedded servers.
 *
 * @param {string} state its directory
 * @param {{ separate?: boolean, sync?: string, only?: string, env?: NodeJS.ProcessEnv }} options separate: one process per
 *   service. only: these services. env: servers that run already, for instance
 */
export async function startSite(state, { separate = false, sync = 'default', only, env = {} } = {}) {
  const started = performance.now();
  const child = spawn(
    process.execPath,
    [MAIN, '--state', state, ...(separate ? ['--separate'] : []), ...(only ? ['--only', only] : [])],
    {
      env: { ...environment(state, sync), HTTP_PORT: await freePort(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const endWithUs = () => child.kill('SIGTERM');
  process.once('exit', endWithUs);
  let output = '';
  await new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error(`the site ended:\n${output}`)));
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
        if (output.includes('Signalbox is ready')) resolve();
      });
  });
  const readyMs = performance.now() - started;
  const context = existsSync(join(state, 'context.json'))
    ? JSON.parse(readFileSync(join(state, 'context.json'), 'utf8'))
    : {};
  const natsUrl = /NATS\s+(\S+)/.exec(output)[1];
  const databaseUrl = /Postgres\s+(\S+)/.exec(output)[1];
  const seed = join(state, 'keys', 'operator', 'nats.seed');
  const stop = () =>
    new Promise((resolve) => {
      process.off('exit', endWithUs);
      if (child.exitCode !== null || child.signalCode !== null) return resolve();
      child.removeAllListeners('exit').once('exit', resolve);
      child.kill('SIGTERM');
    });
  return {
    ...context,
    state,
    pid: child.pid,
    readyMs,
    natsUrl,
    databaseUrl,
    /** With every right: services mode has users. */
    seedFile: separate ? seed : undefined,
    connect: () => connectNats({ natsUrl, seedFile: separate ? seed : undefined }),
    database: () => connectPostgres(databaseUrl),
    stop,
  };
}

/** A port that is free now; of a site, for its API: services of their own take the ones after it. */
export async function freePort() {
  const embedded = await import(
    pathToFileURL(join(ROOT, 'dist', 'libs', 'embedded', 'src', 'index.js')).href
  );
  return String(await embedded.freePort());
}

function environment(state, sync) {
  const env = {
    ...process.env,
    SIGNALBOX_NODE: 'bench-node',
    SIGNALBOX_PLUGIN_DIRS: join(state, 'plugins'),
    SIGNALBOX_CACHE_DIR: CACHE_DIR,
  };
  for (const own of ['NATS_URL', 'DATABASE_URL', 'NATS_KEYS_DIR', 'SIGNALBOX_NATS_SYNC']) delete env[own];
  return { ...env, ...(sync !== 'default' && { SIGNALBOX_NATS_SYNC: sync }) };
}

/** A connection to NATS, with a key where there are users. */
export function connectNats({ natsUrl, seedFile }) {
  const login = seedFile && nkeyAuthenticator(Buffer.from(readFileSync(seedFile, 'utf8').trim()));
  return connect({ servers: natsUrl, ...(login && { authenticator: login }) });
}

/** A connection to Postgres. */
export async function connectPostgres(databaseUrl) {
  const client = new pg.Client({ connectionString: databaseUrl });
  // a server that is stopped at the end of a part must not end the bench
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** A REST call with the site's token; throws on an error answer. */
export async function rest(site, method, path, body, type = 'application/json') {
  const response = await fetch(`${site.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${site.token}`, ...(body && { 'content-type': type }) },
    ...(body && { body }),
  });
  if (!response.ok)
    throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
  return response.json();
}

/** Applies resources. */
export function apply(site, yaml) {
  return rest(site, 'POST', '/v1/apply', yaml, 'application/yaml');
}
