import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createUser, fromSeed } from 'nkeys.js';

/** What {@link ensureSiteKeys} makes, and where. */
export interface SiteKeysOptions {
  /** The directory of the site's keys, made if missing. */
  readonly dir: string;
  /** `users.conf` of a nats-server: the key of each user stands there as a variable, `nkey: $PLUGIN_RUNNER_KEY`. */
  readonly usersFile: string;
  /** Makes a password for Postgres too. */
  readonly databasePassword?: boolean;
}

/** Users that never reach for Postgres: people and tools, and the agents of nodes. */
const WITHOUT_DATABASE = ['publisher', 'operator', 'dataplane-agent'];
const PASSWORD_BYTES = 24;

/**
 * Makes what the processes of a site prove themselves with. What is there already stays, so it can run at every start.
 *
 * - `<dir>/<user>/nats.seed`: NKEY seed of each user that `usersFile` names
 * - `<dir>/nats/users.conf`: `usersFile` with the public keys, written anew each time because rights may have changed
 * - `<dir>/postgres/password`, and the same as `<dir>/<service>/database.password`: only with `databasePassword`
 *
 * One directory a reader, so that each process can be given its own only. Directories are 0700, files 0400.
 *
 * @throws Error when a file cannot be read or written, or a seed that is there is none
 */
export function ensureSiteKeys({ dir, usersFile, databasePassword = false }: SiteKeysOptions): void {
  const conf = readFileSync(usersFile, 'utf8');
  const password = databasePassword
    ? keptOrNew(join(dir, 'postgres', 'password'), () => randomBytes(PASSWORD_BYTES).toString('base64url'))
    : undefined;
  const filled = conf.replaceAll(KEY_VARIABLE, (_all, prefix: string, variable: string) => {
    const user = userOf(variable);
    const seed = keptOrNew(join(dir, user, 'nats.seed'), newSeed);
    if (password !== undefined && !WITHOUT_DATABASE.includes(user))
      replace(join(dir, user, 'database.password'), password);
    return `${prefix}${publicKey(seed, join(dir, user, 'nats.seed'))}`;
  });
  replace(join(dir, 'nats', 'users.conf'), filled);
}

const KEY_VARIABLE = /(\bnkey:\s*)\$([A-Z][A-Z_]*)_KEY\b/g;

function userOf(variable: string): string {
  return variable.toLowerCase().replaceAll('_', '-');
}

function newSeed(): string {
  return new TextDecoder().decode(createUser().getSeed());
}

function publicKey(seed: string, file: string): string {
  try {
    return fromSeed(new TextEncoder().encode(seed.trim())).getPublicKey();
  } catch (cause) {
    throw new Error(`${file} holds no NKEY seed: remove it and a new one is made`, { cause });
  }
}

function keptOrNew(file: string, make: () => string): string {
  if (existsSync(file)) return keptText(file);
  const made = make();
  replace(file, made);
  return made;
}

/** A secret is never altered: decoding what is no UTF-8 would make it another one. */
function keptText(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file)).trim();
  } catch (cause) {
    throw new Error(`${file} is not UTF-8 text: replace it`, { cause });
  }
}

/** Whole or not at all; a file that says so already is left alone. */
function replace(file: string, content: string): void {
  const text = content.endsWith('\n') ? content : `${content}\n`;
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const written = `${file}.${process.pid}.tmp`;
  writeFileSync(written, text, { mode: 0o400, flush: true });
  chmodSync(written, 0o400);
  renameSync(written, file);
}
