import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EmbeddedServer, startPostgres, unprivilegedAccount } from '@signalbox/embedded';
import { CERTIFICATES, type CertificateFiles, until, writeCertificates } from '@signalbox/testing';
import pg from 'pg';
import { openStore } from './data-source.js';
import type { StoreAccess } from './store-access.js';

/** Who may get in: `secured` takes nobody without a certificate in the name of the user, `plain` everybody. */
const RULES = `
hostssl secured all 127.0.0.1/32 cert
host secured all all reject
host all all 127.0.0.1/32 trust
`;

describe('Postgres over TLS', () => {
  let dir: string;
  let files: CertificateFiles;
  const servers: EmbeddedServer[] = [];
  const lines: string[] = [];
  const say = (fields: object, message: string): void =>
    void lines.push(`${message} ${JSON.stringify(fields)}`);

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'signalbox-pg-tls-'));
    chmodSync(dir, 0o711);
    files = await writeCertificates(dir);
    writeFileSync(join(dir, 'hba.conf'), RULES);
    // Postgres takes a key of its own user only, and does not run as root
    if (process.getuid?.() === 0) {
      const { uid, gid } = unprivilegedAccount();
      for (const file of [...Object.values(files), join(dir, 'hba.conf')]) chownSync(file, uid, gid);
    }
  }, 60_000);

  afterAll(async () => {
    for (const server of servers) await server.stop();
    rmSync(dir, { recursive: true });
  });

  /** The URL of the database `secured` of a server with this certificate. */
  async function serverWith(name: 'server' | 'elsewhere' | 'expired'): Promise<string> {
    const stateDir = mkdtempSync(join(dir, `${name}-`));
    chmodSync(stateDir, 0o711);
    const settings = {
      ssl: 'on',
      ssl_cert_file: files[name],
      ssl_key_file: files[`${name}Key`],
      ssl_ca_file: files.ca,
      hba_file: join(dir, 'hba.conf'),
      fsync: 'off',
    };
    const server = await startPostgres({ env: process.env, stateDir, settings, log: () => undefined });
    servers.push(server);
    const admin = new pg.Client({ connectionString: server.url });
    await admin.connect();
    await admin.query('create database secured');
    await admin.end();
    const url = new URL(server.url);
    url.pathname = '/secured';
    return url.toString();
  }

  /** What is said while it waits. */
  async function waits(access: StoreAccess): Promise<string> {
    lines.length = 0;
    const stop = new AbortController();
    const opening = openStore({ ...access, log: { info: say, warn: say }, signal: stop.signal });
    await until('a line', () => lines.length > 0);
    stop.abort();
    await expect(opening).rejects.toThrow('Postgres at');
    return lines[0]!;
  }

  const { ca, client, clientKey, stranger, strangerKey } = CERTIFICATES;
  const ours = { ca, cert: client, key: clientKey };

  it('X22 is used with a certificate on both sides, by its address and by its name', async () => {
    const url = await serverWith('server');
    const named = new URL(url);
    named.hostname = 'localhost';
    for (const one of [url, named.toString()]) {
      const store = await openStore({ url: one, tls: ours, log: { info: say, warn: say } });
      const rows: unknown = await store.dataSource.query(
        'select ssl, client_dn from pg_stat_ssl where pid = pg_backend_pid()',
      );
      expect(rows).toEqual([{ ssl: true, client_dn: '/CN=signalbox' }]);
      store.link.close();
      await store.dataSource.destroy();
    }
    expect(await waits({ url, tls: { ca } })).toMatch(/certificate/);
    expect(await waits({ url, tls: { ca, cert: stranger, key: strangerKey } })).toContain(
      'the server does not take our certificate',
    );
    expect(await waits({ url, tls: { ...ours, ca: CERTIFICATES.otherCa } })).toContain(
      'nobody whom we trust',
    );
    expect(await waits({ url })).toMatch(/reject/);
  }, 180_000);

  it.each([
    ['elsewhere', 'is for another name than the one that we call it by: look at DATABASE_CA_FILE'],
    ['expired', 'has expired: look at DATABASE_CA_FILE'],
  ] as const)(
    'X22 says of the certificate of a server that is %s what is wrong',
    async (name, what) => {
      const told = await waits({ url: await serverWith(name), tls: ours });
      expect(told).toContain(`the certificate of the server ${what}`);
      expect(told).toContain('"code":"certificate-refused"');
    },
    120_000,
  );
});
