import { mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { NodeListener, NodeTls } from '@signalbox/contracts';
import {
  made,
  madeCertificate,
  type MadeCertificate,
  pemOf,
} from '../certificates/made-certificate.fixture.js';
import { listenerOf, placeOf } from '../contract/driver-stage.fixture.js';
import type { Place } from '../named-servers.fixture.js';
import { type EchoServer, startEcho } from './echo-server.fixture.js';
import { describeHaproxy } from './haproxy-stage.fixture.js';
import { ask, askHttp2, handshake } from './tls-clients.fixture.js';

const DAY_MS = 86_400_000;
const SHOP = madeCertificate('shop.example', '*.shop.example');
const MAIL = madeCertificate('mail.example');

describeHaproxy('TLS that ends at HAProxy', (given) => {
  let server: EchoServer;
  let files: string;
  beforeEach(async () => {
    server = await startEcho('a');
    files = join(given().stand.directory, "where it's");
    await mkdir(files);
  });
  afterEach(() => server.close());

  const fileOf = (name: string): string => join(files, `${name}.pem`);
  /** Puts a file in its place as a whole, as tools that renew certificates do. */
  const put = async (name: string, text: string): Promise<void> => {
    await writeFile(`${fileOf(name)}.new`, text);
    await rename(`${fileOf(name)}.new`, fileOf(name));
  };
  const listener = (names: readonly string[], tls: Partial<NodeTls> = {}): NodeListener =>
    given().stage.listener({
      protocol: 'terminated-https',
      port: 443,
      tls: {
        certificates: names.map((name) => ({ name: `lab/${name}`, file: fileOf(name) })),
        minVersion: '1.2',
        http2: true,
        ...tls,
      },
      targets: [{ address: server.address, port: server.port, weight: 100, flushes: 0 }],
    });
  /** Serves `shop` with this certificate. */
  const serveShop = async (certificate: MadeCertificate = SHOP): Promise<Place> => {
    await put('shop', pemOf(certificate));
    return given().stage.serve(listener(['shop']));
  };
  const shown = async (place: Place, host: string): Promise<string> => (await handshake(place, host)).sha256;
  const workers = async (): Promise<unknown> => {
    const { worker, oldWorkers, reloads } = await given().stand.processes();
    return { worker, oldWorkers, reloads };
  };

  it('shows the certificate of the host that a client names, and the first to all others', async () => {
    await put('shop', pemOf(SHOP));
    await put('mail', pemOf(MAIL));
    const result = await given().stage.apply(listener(['shop', 'mail']));
    const place = placeOf(listenerOf(result, 'web'));
    expect(await shown(place, 'shop.example')).toBe(SHOP.sha256);
    expect(await shown(place, 'www.shop.example')).toBe(SHOP.sha256);
    expect(await shown(place, 'mail.example')).toBe(MAIL.sha256);
    expect(await shown(place, 'unknown.example')).toBe(SHOP.sha256);
    expect(listenerOf(result, 'web')).toMatchObject({
      certificates: [
        { name: 'lab/shop', sha256: SHOP.sha256, names: ['shop.example', '*.shop.example'] },
        { name: 'lab/mail', sha256: MAIL.sha256, names: ['mail.example'] },
      ],
    });
    expect((await given().stage.apply(listener(['shop', 'mail']))).writes).toBe(0);

    const turned = await given().stage.serve(listener(['mail', 'shop']));
    expect(await shown(turned, 'unknown.example')).toBe(MAIL.sha256);
  });

  it('takes requests by HTTP/2 and HTTP/1.1, or by HTTP/1.1 alone', async () => {
    const place = await serveShop();
    const both = { ALPNProtocols: ['h2', 'http/1.1'] };
    expect(await handshake(place, 'shop.example', both)).toMatchObject({ alpn: 'h2', version: 'TLSv1.3' });
    expect(JSON.parse((await askHttp2(place, 'shop.example')).body)).toMatchObject({ name: 'a', path: '/' });
    expect(JSON.parse((await ask(place, { servername: 'shop.example' })).body)).toMatchObject({ name: 'a' });

    const plain = await given().stage.serve(listener(['shop'], { http2: false }));
    expect(await handshake(plain, 'shop.example', both)).toMatchObject({ alpn: 'http/1.1' });
  });

  it('takes no version of TLS older than it is told', async () => {
    const place = await serveShop();
    const upTo = (version: 'TLSv1.1' | 'TLSv1.2') => ({
      minVersion: version,
      maxVersion: version,
      // what Node does not offer by itself
      ...(version === 'TLSv1.1' && { ciphers: 'DEFAULT@SECLEVEL=0' }),
    });
    expect(await handshake(place, 'shop.example', upTo('TLSv1.2'))).toMatchObject({ version: 'TLSv1.2' });
    await expect(handshake(place, 'shop.example', upTo('TLSv1.1'))).rejects.toThrow();

    const newest = await given().stage.serve(listener(['shop'], { minVersion: '1.3' }));
    await expect(handshake(newest, 'shop.example', upTo('TLSv1.2'))).rejects.toThrow();
    expect(await handshake(newest, 'shop.example')).toMatchObject({ version: 'TLSv1.3' });
  });

  it('shows a file that was replaced from then on, without a new process and without a failed handshake', async () => {
    const place = await serveShop();
    const before = await workers();
    const seen = new Set<string>();
    let [asked, failed, isOver] = [0, 0, false];
    const clients = Array.from({ length: 4 }, async () => {
      while (!isOver) {
        asked += 1;
        await shown(place, 'shop.example').then(
          (sha256) => seen.add(sha256),
          () => (failed += 1),
        );
      }
    });
    const renewed: string[] = [];
    for (let times = 0; times < 10; times += 1) {
      const next = madeCertificate('shop.example', `n${times}.shop.example`);
      await put('shop', pemOf(next));
      expect(await given().stage.driver.isOutsideChanged?.()).toBe(true);
      expect((await given().stage.apply(listener(['shop']))).writes).toBe(1);
      expect(await shown(place, `n${times}.shop.example`)).toBe(next.sha256);
      renewed.push(next.sha256);
    }
    isOver = true;
    await Promise.all(clients);
    expect(failed).toBe(0);
    expect(asked).toBeGreaterThan(10);
    expect([SHOP.sha256, ...renewed]).toEqual(expect.arrayContaining([...seen]));
    expect(await workers()).toEqual(before);
    expect(await given().stage.driver.isOutsideChanged?.()).toBe(false);
    expect((await given().stage.apply(listener(['shop']))).writes).toBe(0);
  });

  it('keeps what was exchanged at run time over a reload and over a restart of the agent', async () => {
    const { stage, stand } = given();
    const place = await serveShop();
    await put('shop', pemOf(MAIL));
    await stage.driver.isOutsideChanged?.();
    await stage.serve(listener(['shop']));
    await stage.serve(listener(['shop']), stage.listener({ name: 'other' }));
    expect(await shown(place, 'shop.example')).toBe(MAIL.sha256);

    const next = await stand.again();
    const desired = [stage.listener({ name: 'other' }), listener(['shop'])];
    const again = await next.apply({ node: 'n1', generation: 9, listeners: desired }, { deadlineMs: 30_000 });
    expect([again.writes, await shown(place, 'shop.example')]).toEqual([0, MAIL.sha256]);
  });

  it('brings a file that was replaced while no agent ran', async () => {
    const { stand } = given();
    const place = await serveShop();
    const before = await workers();
    await put('shop', pemOf(MAIL));
    const next = await stand.again();
    const state = { node: 'n1', generation: 9, listeners: [listener(['shop'])] };
    expect((await next.apply(state, { deadlineMs: 30_000 })).writes).toBe(1);
    expect(await shown(place, 'shop.example')).toBe(MAIL.sha256);
    expect(await workers()).toEqual(before);
  });

  it('brings a chain that is too long for the socket by a reload', async () => {
    const place = await serveShop();
    const chain = MAIL.certificate.repeat(40);
    await put('shop', pemOf(MAIL) + chain);
    await given().stage.driver.isOutsideChanged?.();
    await given().stage.serve(listener(['shop']));
    expect(await shown(place, 'shop.example')).toBe(MAIL.sha256);
    expect(await workers()).toMatchObject({ reloads: 1 });
  });

  const BAD: readonly (readonly [what: string, text: () => string, reason: string])[] = [
    ['expired', () => pemOf(made({ hosts: ['a'], notBeforeMs: 0, notAfterMs: DAY_MS })), 'is expired since'],
    [
      'not valid yet',
      () => pemOf(made({ hosts: ['a'], notBeforeMs: Date.now() + DAY_MS })),
      'is not valid before',
    ],
    ['with the key of another', () => SHOP.certificate + MAIL.key, 'is not that of the first certificate'],
    ['half written', () => pemOf(MAIL).slice(0, -40), 'is not whole'],
    ['without its key', () => MAIL.certificate, 'holds no private key'],
    ['empty', () => '', 'holds no certificate'],
  ];

  it.each(BAD)('refuses one that is %s, with field, file and reason', async (_what, text, reason) => {
    const { stage } = given();
    await put('shop', text());
    const result = await stage.apply(listener(['shop']), stage.listener({ name: 'other' }));
    const refused = listenerOf(result, 'web');
    expect(refused).toMatchObject({ state: 'refused', error: { code: 'certificate-unusable' } });
    const message = refused.state === 'refused' ? refused.error.message : '';
    expect(message).toMatch(/tls\.certificates\[0\] \(lab\/shop\)/);
    expect(message).toContain(fileOf('shop'));
    expect(message).toContain(reason);
    expect(listenerOf(result, 'other')).toMatchObject({ state: 'applied' });

    await put('shop', pemOf(SHOP));
    expect(await stage.driver.isOutsideChanged?.()).toBe(true);
    expect(await shown(await stage.serve(listener(['shop'])), 'shop.example')).toBe(SHOP.sha256);
  });

  it.each(BAD)(
    'serves the one before on in the place of one that is %s, and says so',
    async (_what, text, reason) => {
      const { stage, stand } = given();
      const place = await serveShop();
      const before = await workers();
      await put('shop', text());
      expect(await stage.driver.isOutsideChanged?.()).toBe(true);
      const result = await stage.apply(listener(['shop']));
      const warned = {
        state: 'applied',
        certificates: [{ sha256: SHOP.sha256 }],
        warning: expect.stringContaining(reason),
      };
      expect(listenerOf(result, 'web')).toMatchObject(warned);
      expect(await shown(place, 'shop.example')).toBe(SHOP.sha256);
      expect(await workers()).toEqual(before);

      // also in the eyes of the next agent, and over a reload
      const next = await stand.again();
      const desired = [stage.listener({ name: 'other' }), listener(['shop'])];
      const again = await next.apply(
        { node: 'n1', generation: 9, listeners: desired },
        { deadlineMs: 30_000 },
      );
      expect(listenerOf(again, 'web')).toMatchObject(warned);
      expect(await shown(place, 'shop.example')).toBe(SHOP.sha256);
    },
  );

  it('that HAProxy itself does not take is refused alone', async () => {
    const { stage } = given();
    await put('shop', pemOf(SHOP));
    await put('weak', pemOf(made({ hosts: ['weak.example'], isWeak: true })));
    const other = { ...listener(['shop']), name: 'other' };
    const result = await stage.apply(listener(['weak']), other);
    expect(listenerOf(result, 'web')).toMatchObject({
      error: { code: 'certificate-unusable', message: expect.stringContaining('HAProxy does not take') },
    });
    expect(listenerOf(result, 'other')).toMatchObject({ state: 'applied' });
    const both = await stage.apply(listener(['shop', 'weak']), other);
    const refused = listenerOf(both, 'web');
    const message = refused.state === 'refused' ? refused.error.message : '';
    expect(message).toMatch(/tls\.certificates\[1\] \(lab\/weak\)/);
    expect(message).not.toContain('lab/shop');
  });

  it('keeps keys in a directory of its own, and no longer than they are served', async () => {
    const { stage, stand } = given();
    await put('mail', pemOf(MAIL));
    await serveShop();
    await stage.serve(listener(['shop', 'mail']));
    const directory = `${stand.settings.configFile}.certificates`;
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    const kept = await readdir(directory);
    expect(kept).toHaveLength(3);
    for (const name of kept) expect((await stat(join(directory, name))).mode & 0o777).toBe(0o600);
    await stage.serve(listener(['mail']));
    expect(await readdir(directory)).toHaveLength(2);
    await writeFile(join(directory, 'of-somebody.pem'), 'theirs');
    await stage.serve(stage.listener());
    expect(await readdir(directory)).toEqual(['of-somebody.pem']);
  });
});
