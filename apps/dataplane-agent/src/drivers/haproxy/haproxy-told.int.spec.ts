import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { INSERTABLE_HEADERS, type NodeListener, PROXY_PROTOCOLS } from '@signalbox/contracts';
import { madeCertificate, pemOf } from '../certificates/made-certificate.fixture.js';
import type { Place } from '../named-servers.fixture.js';
import {
  type ByteServer,
  type Echo,
  type EchoServer,
  startEcho,
  startFirstBytes,
  valuesOf,
} from './echo-server.fixture.js';
import { describeHaproxy } from './haproxy-stage.fixture.js';
import { ask, askHttp2, type Answer } from './tls-clients.fixture.js';

const CLIENT = '127.0.0.9';
/** How a header of version 2 begins, for a client of TCP over IPv4: signature, command, family, length of the addresses. */
const V2_OF_TCP4 = '0d0a0d0a000d0a515549540a2111000c';

describeHaproxy('what targets of HAProxy are told of a client', (given) => {
  let echo: EchoServer;
  let bytes: ByteServer;
  beforeEach(async () => {
    echo = await startEcho('a');
    bytes = await startFirstBytes();
  });
  afterEach(() => {
    echo.close();
    bytes.close();
  });

  const listener = (changes: Partial<NodeListener>, { address, port }: Place = echo): NodeListener =>
    given().stage.listener({ targets: [{ address, port, weight: 100, flushes: 0 }], ...changes });
  const endsTls = async (): Promise<Partial<NodeListener>> => {
    const file = join(given().stand.directory, 'shop.pem');
    await writeFile(file, pemOf(madeCertificate('shop.example')));
    const tls = { certificates: [{ name: 'shop', file }], minVersion: '1.2', http2: true } as const;
    return { protocol: 'terminated-https', port: 443, tls };
  };
  const forwarded = ({ body }: Answer): string[][] =>
    ['for', 'proto', 'port'].map((what) => valuesOf(JSON.parse(body) as Echo, `x-forwarded-${what}`));

  it('is nothing unless asked for: a client may write what it likes', async () => {
    const place = await given().stage.serve(listener({ protocol: 'http' }));
    expect(forwarded(await ask(place))).toEqual([[], [], []]);
    const headers = { 'x-forwarded-proto': 'gopher' };
    expect(forwarded(await ask(place, { headers }))).toEqual([[], ['gopher'], []]);
  });

  it('is address, protocol and port of the VIP in headers: the address behind others, the rest in their place', async () => {
    const place = await given().stage.serve(
      listener({ protocol: 'http', insertHeaders: INSERTABLE_HEADERS }),
    );
    expect(forwarded(await ask(place))).toEqual([['127.0.0.1'], ['http'], ['80']]);
    const headers = {
      'x-forwarded-for': '192.0.2.7',
      'x-forwarded-proto': 'gopher',
      'x-forwarded-port': '70',
    };
    expect(forwarded(await ask(place, { headers }))).toEqual([['192.0.2.7', '127.0.0.1'], ['http'], ['80']]);
  });

  it('is the same behind TLS, for clients of HTTP/1.1 and of HTTP/2', async () => {
    const place = await given().stage.serve(
      listener({ ...(await endsTls()), insertHeaders: INSERTABLE_HEADERS }),
    );
    const told = [['127.0.0.1'], ['https'], ['443']];
    expect(forwarded(await ask(place, { servername: 'shop.example' }))).toEqual(told);
    expect(forwarded(await askHttp2(place, 'shop.example'))).toEqual(told);
  });

  it.each(PROXY_PROTOCOLS)(
    'is in front of each connection by the PROXY protocol %s',
    async (proxyProtocol) => {
      const { stage } = given();
      const place = await stage.serve(listener({ proxyProtocol }, bytes));
      expectProxyHeader(proxyProtocol, await stage.traffic.ask(place, { address: CLIENT }));

      // also to a target that came at run time, and to it again after a reload
      const targets = [bytes, echo].map(({ address, port }, at) => ({
        ...{ address, port, flushes: 0 },
        weight: at === 0 ? 100 : 0,
      }));
      await stage.serve(listener({ proxyProtocol }, echo));
      await stage.serve(listener({ proxyProtocol, targets }));
      expectProxyHeader(proxyProtocol, await stage.traffic.ask(place, { address: CLIENT }));
      expect((await given().stand.processes()).reloads).toBe(0);
      await stage.serve(listener({ proxyProtocol, targets }), stage.listener({ name: 'other' }));
      expectProxyHeader(proxyProtocol, await stage.traffic.ask(place, { address: CLIENT }));
    },
  );

  it('is the PROXY protocol in front of requests as well', async () => {
    const place = await given().stage.serve(listener({ protocol: 'http', proxyProtocol: 'v1' }, bytes));
    // what it answers is no HTTP
    expect(await ask(place)).toMatchObject({ status: 502 });
    const told = Buffer.from(bytes.seen[0] ?? '', 'hex').toString('latin1');
    expect(told).toMatch(/^PROXY TCP4 127\.0\.0\.1 .*\r\nGET \/ HTTP\/1\.1\r\n/);
  });
});

function expectProxyHeader(version: (typeof PROXY_PROTOCOLS)[number], hex: string | undefined): void {
  const client = CLIENT.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  const told = Buffer.from(hex ?? '', 'hex');
  if (version === 'v1') expect(told.toString('latin1')).toMatch(new RegExp(`^PROXY TCP4 ${CLIENT} `));
  else expect(hex?.startsWith(V2_OF_TCP4 + client.join(''))).toBe(true);
}
