import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { programFile } from '@signalbox/contracts';
import { freePort } from '@signalbox/embedded';
import {
  CHECKOUT,
  createDatabase,
  NatsProcess,
  runCommand,
  ServiceProcess,
  type TestDatabase,
  until,
  writeCertificates,
} from '@signalbox/testing';
import { connect } from 'nats';

jest.setTimeout(300_000);

const MAIN = programFile('standalone');
/** For what hangs: a busy machine takes long to start a service. Milliseconds. */
const HANG_MS = 120_000;
const SECRET = 'planted/s3cret';
const IN_URL = encodeURIComponent(SECRET);

describe("servers of one's own that ask for a login", () => {
  let dir: string;
  let nats: NatsProcess;
  let database: TestDatabase;
  let site: ServiceProcess | undefined;
  let output = '';

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'signalbox-connections-'));
    nats = await NatsProcess.start(join(dir, 'nats'), [
      'max_payload: 8MB',
      `authorization { user: alice, password: "${SECRET}" }`,
    ]);
    database = await createDatabase();
  });

  afterEach(async () => {
    await site?.end('SIGTERM');
    output = '';
  });

  afterAll(async () => {
    await nats.kill();
    await database.drop();
    await rm(dir, { recursive: true, force: true });
  });

  async function start(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
    const stateDir = await mkdtemp(join(dir, 'state-'));
    const withPassword = new URL(database.url);
    withPassword.password = IN_URL;
    site = new ServiceProcess({
      main: MAIN,
      args: [...args, '--state', stateDir],
      cwd: CHECKOUT,
      env: {
        ...process.env,
        DATABASE_URL: withPassword.toString(),
        HTTP_PORT: String(await freePort()),
        SIGNALBOX_NODE: 'node',
        ...env,
      },
      readyText: 'Signalbox is ready',
      onOutput: (text) => (output += text),
    });
    return stateDir;
  }

  /** Every file of a directory, as one text. */
  async function files(of: string): Promise<string> {
    const entries = await readdir(of, { recursive: true, withFileTypes: true });
    const texts = entries
      .filter((entry) => entry.isFile())
      .map((entry) => readFile(join(entry.parentPath, entry.name), 'utf8'));
    return (await Promise.all(texts)).join('\n');
  }

  it('X22 it starts with several servers and a login in the URL, and nothing anywhere shows the secret', async () => {
    const away = await freePort();
    const stateDir = await start([], {
      NATS_URL: `nats://alice:${IN_URL}@127.0.0.1:${away},nats://alice:${IN_URL}@${nats.host}`,
      LOG_LEVEL: 'trace',
    });
    await site!.ready();
    const status = await runCommand(process.execPath, [join(CHECKOUT, 'bin', 'signalbox'), 'status'], {
      env: { ...process.env, SIGNALBOX_CONTEXT: join(stateDir, 'context.json'), NO_COLOR: '1' },
    });
    expect(status.stdout).toMatch(/Ready: +yes/);
    const ready = await (await fetch(`${site!.url}/readyz?verbose`)).text();
    expect(output).toContain(`nats://alice:***@127.0.0.1:${away},nats://alice:***@${nats.host}`);
    await nats.kill();
    await until('the loss to be told', () => output.includes('lost the connection to NATS'));
    await nats.start();
    await until('the return', () => output.includes('connected to NATS again'));
    const everything = [output, status.stdout, status.stderr, ready, await files(stateDir)].join('\n');
    for (const secret of [SECRET, IN_URL, encodeURI(SECRET)]) expect(everything).not.toContain(secret);
  });

  it('X27 services whose login is refused say so on the console, each with the login', async () => {
    await start(['--separate', '--only', 'api,ingest'], {
      NATS_URL: `nats://alice:wrong-${IN_URL}@${nats.host}`,
    });
    for (const service of ['api', 'ingest'])
      await until(
        `${service} to be told of`,
        () =>
          output.includes(
            `${service}: NATS refuses the login of this process (user "alice" of NATS_URL): is it one that the server knows?`,
          ),
        HANG_MS,
      );
    expect(output).not.toContain(IN_URL);
    expect(output).not.toContain(SECRET);
  });

  it('X22 it runs through a leaf node that demands a certificate, on the JetStream behind it', async () => {
    const certificates = await writeCertificates(dir);
    const [hubPort, leafPort] = [await freePort(), await freePort()];
    const hub = await NatsProcess.start(join(dir, 'hub'), [
      `jetstream { store_dir: ${JSON.stringify(join(dir, 'hub', 'store'))}, domain: hub }`,
      `leafnodes { listen: "127.0.0.1:${hubPort}" }`,
      'max_payload: 8MB',
    ]);
    const leaf = await NatsProcess.prepare(
      join(dir, 'leaf'),
      [
        `jetstream { store_dir: ${JSON.stringify(join(dir, 'leaf', 'store'))}, domain: leaf }`,
        `leafnodes { remotes = [{ url: "nats://127.0.0.1:${hubPort}" }] }`,
        `tls { cert_file: ${JSON.stringify(certificates.server)}, key_file: ${JSON.stringify(certificates.serverKey)}, ` +
          `ca_file: ${JSON.stringify(certificates.ca)}, verify: true }`,
        'max_payload: 8MB',
      ],
      leafPort,
    );
    await leaf.start();
    await start([], {
      NATS_URL: `tls://${leaf.host}`,
      NATS_CA_FILE: certificates.ca,
      NATS_CERT_FILE: certificates.client,
      NATS_KEY_FILE: certificates.clientKey,
      NATS_JS_DOMAIN: 'hub',
    });
    await site!.ready();
    const ready = await fetch(`${site!.url}/readyz`);
    expect(ready.status).toBe(200);
    const behind = await connect({ servers: hub.url });
    const streams: string[] = [];
    for await (const name of (await behind.jetstreamManager()).streams.names()) streams.push(name);
    expect(streams).toEqual(expect.arrayContaining(['JOURNAL', 'ACTIVITY', 'INTAKE', 'FACTS_default']));
    await behind.close();
    expect(await site!.end('SIGTERM')).toBe(0);
    await leaf.kill();
    await hub.kill();
  });

  it('X22 a mistake in a setting names the variable and the form', async () => {
    await start([], { NATS_URL: `http://alice:${IN_URL}@a` });
    await until('the end', () => !site!.isRunning, HANG_MS);
    expect(output).toContain(
      'NATS_URL must be nats://host:port or tls://host:port, several separated by commas',
    );
    expect(output).not.toContain(IN_URL);
  });
});
