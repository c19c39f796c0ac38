import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fromSeed } from 'nkeys.js';
import { ensureSiteKeys } from './site-keys.js';

const USERS = `authorization {
  users = [
    { nkey: $INGEST_KEY }
    { nkey: $PLUGIN_RUNNER_KEY, permissions { publish = ["$JS.API.INFO"] } }
    { nkey: $OPERATOR_KEY }
  ]
}
`;

describe('ensureSiteKeys', () => {
  let top: string;
  let dir: string;
  let usersFile: string;

  beforeEach(() => {
    top = mkdtempSync(join(tmpdir(), 'signalbox-keys-'));
    dir = join(top, 'keys');
    usersFile = join(top, 'users.conf');
    writeFileSync(usersFile, USERS);
  });

  afterEach(() => rmSync(top, { recursive: true }));

  const read = (...path: string[]): string => readFileSync(join(dir, ...path), 'utf8');
  const publicKey = (user: string): string =>
    fromSeed(new TextEncoder().encode(read(user, 'nats.seed').trim())).getPublicKey();

  it('makes a seed for each user and fills the public keys in, and nothing else', () => {
    ensureSiteKeys({ dir, usersFile });
    const filled = USERS.replace('$INGEST_KEY', publicKey('ingest'))
      .replace('$PLUGIN_RUNNER_KEY', publicKey('plugin-runner'))
      .replace('$OPERATOR_KEY', publicKey('operator'));
    expect(read('nats', 'users.conf')).toBe(filled);
    expect(readdirSync(dir).sort()).toEqual(['ingest', 'nats', 'operator', 'plugin-runner']);
  });

  it('keeps what is there, adds new users and takes new rights over', () => {
    ensureSiteKeys({ dir, usersFile });
    const before = publicKey('ingest');
    writeFileSync(
      usersFile,
      USERS.replace('API.INFO', 'API.>').replace('{ nkey: $OPERATOR_KEY }', '{ nkey: $NEW_KEY }'),
    );
    ensureSiteKeys({ dir, usersFile });
    expect(publicKey('ingest')).toBe(before);
    expect(read('nats', 'users.conf')).toContain(`"$JS.API.>"`);
    expect(read('nats', 'users.conf')).toContain(publicKey('new'));
  });

  it('gives one password to Postgres and to the services only', () => {
    ensureSiteKeys({ dir, usersFile, databasePassword: true });
    const password = read('postgres', 'password');
    expect(password).toMatch(/^[\w-]{32}\n$/);
    expect(read('ingest', 'database.password')).toBe(password);
    expect(read('plugin-runner', 'database.password')).toBe(password);
    expect(readdirSync(join(dir, 'operator'))).toEqual(['nats.seed']);
    ensureSiteKeys({ dir, usersFile, databasePassword: true });
    expect(read('postgres', 'password')).toBe(password);
  });

  it('lets only its owner read', () => {
    ensureSiteKeys({ dir, usersFile });
    expect(statSync(join(dir, 'ingest')).mode & 0o777).toBe(0o700);
    expect(statSync(join(dir, 'ingest', 'nats.seed')).mode & 0o777).toBe(0o400);
  });

  it('names the file that holds no seed', () => {
    ensureSiteKeys({ dir, usersFile });
    const file = join(dir, 'ingest', 'nats.seed');
    chmodSync(file, 0o600);
    writeFileSync(file, 'nonsense');
    expect(() => ensureSiteKeys({ dir, usersFile })).toThrow(`${file} holds no NKEY seed`);
  });
});
