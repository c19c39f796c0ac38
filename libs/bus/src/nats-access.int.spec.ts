import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type CertificateFiles,
  CERTIFICATES,
  NatsProcess,
  until,
  writeCertificates,
} from '@signalbox/testing';
import { nkeys } from 'nats';
import { Bus } from './bus.js';
import { CA, CERTIFICATE, KEY } from './certificates.fixture.js';
import { type AccessSource, type NatsAccess, readNatsAccess } from './nats-access.js';

const SECRET = 'pl@nted/s3cret%';
const IN_URL = encodeURIComponent(SECRET);
const USER = `authorization { user: alice, password: ${JSON.stringify(SECRET)} }`;
const TOKEN = `authorization { token: ${JSON.stringify(SECRET)} }`;

describe('logins to NATS', () => {
  let dir: string;
  let nats: NatsProcess | undefined;
  const lines: string[] = [];
  const say = (fields: object, message: string): void =>
    void lines.push(`${message} ${JSON.stringify(fields)}`);
  const log = { info: say, warn: say, error: say };

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'signalbox-access-'));
    await writeFile(join(dir, 'cert.pem'), CERTIFICATE);
    await writeFile(join(dir, 'key.pem'), KEY);
  });

  afterEach(async () => {
    await nats?.kill();
    lines.length = 0;
  });

  afterAll(() => rm(dir, { recursive: true, force: true }));

  async function server(...config: string[]): Promise<string> {
    nats = await NatsProcess.start(await mkdtemp(join(dir, 'nats-')), config);
    return nats.host;
  }

  /** What the environment says; the "files" hold what is given for them. */
  function access(env: Record<string, string>): NatsAccess {
    const mistakes: string[] = [];
    const source: AccessSource = {
      env,
      fileOf: (variable) => env[variable],
      mistake: (text) => void mistakes.push(text),
    };
    const read = readNatsAccess(source);
    expect(mistakes).toEqual([]);
    return read;
  }

  async function getsIn(env: Record<string, string>): Promise<void> {
    const bus = await Bus.connect({ ...access(env), name: 'test', log });
    expect((await bus.manager.getAccountInfo()).limits).toBeDefined();
    await bus.close();
    expect(lines.join()).not.toContain('waiting');
  }

  /** The first line that is said instead. */
  async function waits(env: Record<string, string>): Promise<string> {
    const stop = new AbortController();
    const waiting = Bus.connect({ ...access(env), name: 'test', log, signal: stop.signal });
    await until('a line', () => lines.length > 0);
    stop.abort();
    const end: unknown = await waiting.catch((error: unknown) => error);
    const told = lines.splice(0).join('\n');
    for (const secret of [SECRET, IN_URL]) expect(`${told}${String(end)}`).not.toContain(secret);
    return told;
  }

  it('X22 user and password: in the URL, percent-encoded, or from a file', async () => {
    const host = await server(USER);
    await getsIn({ NATS_URL: `nats://alice:${IN_URL}@${host}` });
    await getsIn({ NATS_URL: `nats://${host}`, NATS_USER: 'alice', NATS_PASSWORD_FILE: SECRET });
  });

  it('X22 a token: in the URL or from a file', async () => {
    const host = await server(TOKEN);
    await getsIn({ NATS_URL: `nats://${IN_URL}@${host}` });
    await getsIn({ NATS_URL: `nats://${host}`, NATS_TOKEN_FILE: SECRET });
  });

  it('X22 a refusal names the login that was tried', async () => {
    const key = nkeys.createUser();
    const seed = Buffer.from(key.getSeed()).toString();
    const host = await server('authorization { user: alice, password: other }');
    const url = `nats://${host}`;
    const creds = `-----BEGIN NATS USER JWT-----\n${jwt()}\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`;
    const refused = (login: string): string => `NATS refuses the login of this process (${login})`;
    expect(await waits({ NATS_URL: `nats://alice:${IN_URL}@${host}` })).toContain(
      refused('user "alice" of NATS_URL'),
    );
    expect(await waits({ NATS_URL: `nats://${IN_URL}@${host}` })).toContain(refused('the token of NATS_URL'));
    expect(await waits({ NATS_URL: url, NATS_USER: 'bob', NATS_PASSWORD_FILE: SECRET })).toContain(
      refused('user "bob" of NATS_PASSWORD_FILE'),
    );
    expect(await waits({ NATS_URL: url, NATS_TOKEN_FILE: SECRET })).toContain(
      refused('the token of NATS_TOKEN_FILE'),
    );
    expect(await waits({ NATS_URL: url, NATS_SEED_FILE: seed })).toContain(
      refused(`nkey ${key.getPublicKey()} of NATS_SEED_FILE`),
    );
    expect(await waits({ NATS_URL: url, NATS_CREDS_FILE: creds })).toContain('of NATS_CREDS_FILE)');
    expect(await waits({ NATS_URL: url })).toContain('(no login: ');
  }, 60_000);

  it('X22 TLS: with the authority of NATS_CA_FILE, and not without', async () => {
    const tls = `tls { cert_file: ${JSON.stringify(join(dir, 'cert.pem'))}, key_file: ${JSON.stringify(join(dir, 'key.pem'))} }`;
    const host = await server(USER, tls);
    await getsIn({ NATS_URL: `tls://alice:${IN_URL}@${host}`, NATS_CA_FILE: CA });
    expect(await waits({ NATS_URL: `tls://alice:${IN_URL}@${host}` })).toContain('look at NATS_CA_FILE');
  }, 60_000);

  it('X22 tls:// says so when the server offers none, before a login is sent', async () => {
    const host = await server();
    expect(await waits({ NATS_URL: `tls://alice:${IN_URL}@${host}` })).toContain('the server offers no TLS');
  });

  describe('certificates on both sides', () => {
    let files: CertificateFiles;

    beforeAll(async () => {
      files = await writeCertificates(dir);
    });

    /** A server with a certificate that demands one of its clients. */
    const demanding = (name: 'server' | 'elsewhere' | 'expired', how: string): Promise<string> =>
      server(
        `tls { cert_file: ${JSON.stringify(files[name])}, key_file: ${JSON.stringify(files[`${name}Key`])}, ` +
          `ca_file: ${JSON.stringify(files.ca)}, ${how} }`,
        ...(how.includes('map') ? ['authorization { users = [{ user: "signalbox@example.net" }] }'] : []),
      );
    const { ca, client, clientKey, stranger, strangerKey } = CERTIFICATES;
    const ours = { NATS_CA_FILE: ca, NATS_CERT_FILE: client, NATS_KEY_FILE: clientKey };

    it.each(['verify: true', 'verify_and_map: true'])('X22 lets in who has one: %s', async (how) => {
      const host = await demanding('server', how);
      await getsIn({ NATS_URL: `tls://${host}`, ...ours });
      await getsIn({ NATS_URL: `tls://localhost:${nats!.port}`, ...ours });
    });

    it('X22 says that one is demanded, or that ours is not taken', async () => {
      const host = await demanding('server', 'verify: true');
      const none = await waits({ NATS_URL: `tls://${host}`, NATS_CA_FILE: ca });
      expect(none).toContain('the server demands a certificate of ours: look at NATS_CERT_FILE');
      expect(none).toContain('"code":"certificate-refused"');
      const other = { NATS_CA_FILE: ca, NATS_CERT_FILE: stranger, NATS_KEY_FILE: strangerKey };
      expect(await waits({ NATS_URL: `tls://${host}`, ...other })).toContain('does not take our certificate');
    }, 60_000);

    it.each([
      ['elsewhere', 'is for another name than the one that we call it by'],
      ['expired', 'has expired'],
    ] as const)('X22 says of the certificate of a server that is %s what is wrong', async (name, what) => {
      const host = await demanding(name, 'verify: true');
      const told = await waits({ NATS_URL: `tls://${host}`, ...ours });
      expect(told).toContain(`the certificate of the server ${what}`);
      expect(told).toContain('"code":"certificate-refused"');
    });
  });

  it('X22 several servers: any that is there will do', async () => {
    const host = await server(USER);
    const away = await NatsProcess.prepare(join(dir, 'away'));
    await getsIn({ NATS_URL: `nats://alice:${IN_URL}@${away.host},nats://alice:${IN_URL}@${host}` });
  });
});

/** Of a user whom no server knows. */
function jwt(): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return [part({ typ: 'JWT', alg: 'ed25519-nkey' }), part({ sub: 'U' }), 'c2ln'].join('.');
}
