import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Resource } from '@signalbox/contracts';
import { freePort } from '@signalbox/embedded';
import { type RawNats, Site, until } from '@signalbox/testing';
import {
  madeCertificate,
  type MadeCertificate,
  pemOf,
} from '../../apps/dataplane-agent/src/drivers/certificates/made-certificate.fixture.js';
import {
  type EchoServer,
  startEcho,
} from '../../apps/dataplane-agent/src/drivers/haproxy/echo-server.fixture.js';
import { ask, handshake } from '../../apps/dataplane-agent/src/drivers/haproxy/tls-clients.fixture.js';
import type { ApplyAnswer } from '../../apps/cli/src/rest/answers.js';
import { backend } from './balance-site.js';
import { manifest } from './manifests.js';
import {
  balance,
  findListener,
  HAPROXY,
  HAPROXY_ENV,
  localNode,
  type Place,
  placeOf,
  serves,
  webListener,
} from './traffic.js';

jest.setTimeout(300_000);

const ENDS_TLS = { protocol: 'terminated-https', port: 80, tls: { certificates: ['shop'] } };

/** Every message of a stream: some are stored in a form that no search of files would find them in. */
async function everythingOf(nats: RawNats, stream: string): Promise<string> {
  const bodies: string[] = [];
  for (let seq = 1; ;) {
    const asked = JSON.stringify({ seq, next_by_subj: '>' });
    const reply = await nats.request(`$JS.API.STREAM.MSG.GET.${stream}`, asked);
    const { message } = JSON.parse(reply) as { message?: { readonly seq: number; readonly data?: string } };
    if (!message) return bodies.join('\n');
    bodies.push(Buffer.from(message.data ?? '', 'base64').toString('latin1'));
    seq = message.seq + 1;
  }
}

(HAPROXY === undefined ? describe.skip : describe)('a listener of a site that ends TLS', () => {
  const [first, second] = [madeCertificate('shop.example'), madeCertificate('shop.example')];
  let server: EchoServer;
  let site: Site;
  let files: string;
  let place: Place;

  beforeAll(async () => {
    server = await startEcho('a');
    files = await mkdtemp(join(tmpdir(), 'signalbox-tls-'));
    site = await Site.start({ env: HAPROXY_ENV });
    await put(pemOf(first));
    // far apart, so that it is the watch of the files that sees a change, and not the comparison
    const node = await localNode('haproxy', { syncInterval: '1h' });
    const a = backend('a', server.address, { port: server.port });
    await apply(node, a, certificate(), ...webListener({ a: {} }, { listener: ENDS_TLS }));
    place = await serves(site, 'web', { a: 100 });
  }, 300_000);

  afterAll(async () => {
    await site?.stop();
    server?.close();
    await rm(files, { recursive: true, force: true });
  }, 300_000);

  const file = (): string => join(files, 'shop.pem');
  const certificate = () => balance('Certificate', 'shop', { file: file() });
  async function put(text: string): Promise<void> {
    await writeFile(`${file()}.new`, text);
    await rename(`${file()}.new`, file());
  }
  async function apply(...resources: readonly Resource[]): Promise<void> {
    const { status, body } = await site.rest<ApplyAnswer>('POST', '/v1/apply', manifest(...resources));
    expect({ status, body }).toMatchObject({ status: 200 });
  }
  /** Waits until REST says that this one is shown, and looks whether it is. */
  async function shows({ sha256 }: MadeCertificate): Promise<void> {
    await until('the node to tell its certificate', async () => {
      const [node] = (await findListener(site, 'web')).nodes;
      return node?.certificates?.[0]?.sha256 === sha256;
    });
    expect((await handshake(place, 'shop.example')).sha256).toBe(sha256);
  }

  it('serves requests, and tells fingerprint, hosts and validity', async () => {
    await shows(first);
    const { body } = await ask(place, { servername: 'shop.example', path: '/x' });
    expect(JSON.parse(body)).toMatchObject({ name: 'a', path: '/x' });
    const told = await site.cli('show', 'listeners', 'web');
    expect(told).toMatchObject({ code: 0, stderr: '' });
    expect(told.stdout).toMatch(
      /^ {2}local {2}shop {2}shop\.example {2}valid .* to .* {2}sha256 [0-9a-f]{64}$/m,
    );
  });

  it('shows a renewed file without being told', async () => {
    await put(pemOf(second));
    await shows(second);
  });

  it('serves on what it has in the place of a bad file, with a warning that goes with a good one', async () => {
    await put(second.certificate);
    const warned = await until('a warning', async () => {
      const [node] = (await findListener(site, 'web')).nodes;
      return node?.warning !== undefined && node;
    });
    expect(warned).toMatchObject({
      state: 'applied',
      warning: expect.stringContaining('holds no private key'),
    });
    await shows(second);
    await put(pemOf(first));
    await shows(first);
    expect((await findListener(site, 'web')).nodes[0]).not.toHaveProperty('warning');
  });

  it('rejects and redirects what policies say, in their order, until they are gone', async () => {
    const policy = (name: string, spec: object) => balance('L7Policy', name, { listener: 'web', ...spec });
    const rule = (name: string, its: string, spec: object) =>
      balance('L7Rule', name, { policy: its, type: 'path', compare: 'starts-with', ...spec });
    const moved = { action: 'redirect-to-url', url: 'https://a.example/', code: 308 };
    await apply(
      policy('moved', { ...moved, position: 1 }),
      policy('admin', { action: 'reject', position: 2 }),
      rule('admin-path', 'admin', { value: '/old/admin' }),
      rule('moved-path', 'moved', { value: '/old' }),
    );
    await placeOf(site, 'web');
    const get = (path: string) => ask(place, { servername: 'shop.example', path });
    expect(await get('/old/admin')).toMatchObject({ status: 403 });
    expect(await get('/old/x')).toMatchObject({ status: 308, headers: { location: 'https://a.example/' } });
    expect(await get('/new')).toMatchObject({ status: 200 });
    expect((await findListener(site, 'web')).policies?.map(({ name }) => name)).toEqual(['admin', 'moved']);
    expect((await site.cli('show', 'listeners', 'web')).stdout).toContain('if path starts-with "/old/admin"');

    expect(await site.rest('DELETE', '/v1/resources/L7Policy/admin')).toMatchObject({ status: 422 });
    for (const name of ['admin', 'moved'])
      expect(await site.rest('DELETE', `/v1/resources/L7Policy/${name}?cascade=true`)).toMatchObject({
        status: 200,
      });
    await placeOf(site, 'web');
    expect(await get('/old/admin')).toMatchObject({ status: 200 });
    expect(await findListener(site, 'web')).not.toHaveProperty('policies');
  });

  it('does not let go of a Certificate that is in use, and refuses a reference to none', async () => {
    expect(await site.rest('DELETE', '/v1/resources/Certificate/shop')).toMatchObject({
      status: 422,
      body: { code: 'reference-missing' },
    });
    const other = balance('Listener', 'web', {
      ...{ loadBalancer: 'web', pools: ['web'] },
      ...{ ...ENDS_TLS, tls: { certificates: ['shop', 'none'] } },
    });
    expect(await site.rest('POST', '/v1/apply', manifest(other))).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: expect.stringMatching('/spec/tls/certificates/1$') }] },
    });
  });

  it('refuses a listener whose file was never good, and serves it as soon as it is', async () => {
    const missing = join(files, 'later.pem');
    await apply(
      balance('Certificate', 'later', { file: missing }),
      balance('LoadBalancer', 'later', { address: '127.0.0.1' }),
      balance('Listener', 'later', {
        ...{ loadBalancer: 'later', protocol: 'terminated-https', port: await freePort(), pools: ['web'] },
        tls: { certificates: ['later'] },
      }),
    );
    const refused = await until('it to be refused', async () => {
      const { provisioningStatus, provisioningReason } = await findListener(site, 'later');
      return provisioningStatus === 'error' && provisioningReason;
    });
    expect(refused).toContain(missing);
    await writeFile(`${missing}.new`, pemOf(second));
    await rename(`${missing}.new`, missing);
    const own = await placeOf(site, 'later');
    expect((await handshake(own, 'shop.example')).sha256).toBe(second.sha256);
  });

  it('has no byte of a key in NATS, REST, the logs or the state of the agent but in its own copies', async () => {
    const secrets = [first, second].flatMap(({ key }) => key.split('\n').filter((line) => line.length > 40));
    expect(secrets.length).toBeGreaterThan(3);
    const nats = await site.rawNats();
    const seen: string[] = [];
    try {
      const streams = JSON.parse(await nats.request('$JS.API.STREAM.NAMES', '')) as { streams: string[] };
      expect(streams.streams).toContain('KV_NODES');
      for (const stream of streams.streams) seen.push(await everythingOf(nats, stream));
    } finally {
      nats.close();
    }
    for (const path of ['/v1/listeners', '/v1/nodes/local', '/v1/resources/Certificate/shop'])
      seen.push(JSON.stringify((await site.rest('GET', path)).body));
    seen.push(site.log);
    expect(seen.join('\n')).toContain(first.sha256);
    const copies: string[] = [];
    for (const entry of await readdir(site.stateDir, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const text = await readFile(path, 'latin1');
      if (path.includes('/haproxy.cfg.certificates/')) copies.push(text);
      else seen.push(text);
    }
    for (const secret of secrets) expect(seen.some((text) => text.includes(secret))).toBe(false);
    // what is looked for is to be found where it is
    expect(copies.some((text) => secrets.some((secret) => text.includes(secret)))).toBe(true);
  });
});
