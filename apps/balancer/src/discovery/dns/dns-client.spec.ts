import { afterEach, describe, expect, it } from '@jest/globals';
import {
  type DnsAnswer,
  type DnsQuestion,
  dnsRecords,
  dnsServer,
  dnsStreamServer,
  SocketServers,
} from '@signalbox/testing';
import { DnsClient } from './dns-client.js';
import type { DnsServerPlace } from './exchange.js';

const servers = new SocketServers();
afterEach(() => servers.close());

const NAME = 'web.example';
/** A deadline that is not to be run into, and one that is. Milliseconds. */
const [PATIENT, HASTY] = [10_000, 100];
const never = new AbortController().signal;
const place = (port: number): DnsServerPlace => ({ address: '127.0.0.1', port });
const one: DnsAnswer = { records: [dnsRecords.a(192, 0, 2, 1)] };

/** A server that tells what it was asked. */
async function server(
  answer: (question: DnsQuestion) => DnsAnswer,
): Promise<DnsServerPlace & { readonly asked: DnsQuestion[] }> {
  const asked: DnsQuestion[] = [];
  const port = await dnsServer(servers, (question) => {
    asked.push(question);
    return answer(question);
  });
  return { ...place(port), asked };
}

function client(
  places: readonly DnsServerPlace[],
  tryMs = PATIENT,
  signal = never,
  lookMs = 60_000,
): DnsClient {
  return new DnsClient(places, signal, { tryMs, lookMs, rounds: 2 });
}

/** The addresses of an answer, or its RCODE, or why there is none. */
async function ask(of: DnsClient): Promise<unknown> {
  const reply = await of.ask(NAME, 'A');
  if ('failure' in reply) return reply.failure;
  return reply.response.rcode === 0 ? reply.response.records.map(({ value }) => value) : reply.response.rcode;
}

const text = ({ port }: DnsServerPlace): string => `127.0.0.1:${port}`;

describe('a question', () => {
  it('is asked once of the first server, and says by EDNS how large an answer may be', async () => {
    const [first, second] = [await server(() => one), await server(() => one)];
    expect(await ask(client([first, second]))).toEqual(['192.0.2.1']);
    expect(first.asked).toEqual([{ name: NAME, type: 1, payloadBytes: 1232 }]);
    expect(second.asked).toEqual([]);
  });

  it.each([
    [2, 'SERVFAIL'],
    [5, 'REFUSED'],
    [9, 'RCODE 9'],
  ])('goes to the next server after RCODE %i', async (rcode, said) => {
    const [bad, good] = [await server(() => ({ rcode })), await server(() => one)];
    expect(await ask(client([bad, good]))).toEqual(['192.0.2.1']);
    expect(await ask(client([bad]))).toBe(`${said} (${text(bad)})`);
    expect(bad.asked).toHaveLength(2);
  });

  it('goes to the next server after silence, and later ones go there first', async () => {
    const [silent, good] = [await server(() => 'silence'), await server(() => one)];
    const asking = client([silent, good], 1_000);
    expect(await ask(asking)).toEqual(['192.0.2.1']);
    expect(await ask(asking)).toEqual(['192.0.2.1']);
    expect([silent.asked.length, good.asked.length]).toEqual([1, 2]);
  });

  it('is asked again of silent servers, and then told with all of them', async () => {
    const [silent, bad] = [await server(() => 'silence'), await server(() => ({ rcode: 2 }))];
    expect(await ask(client([silent, bad], HASTY))).toBe(
      `no answer within 100 ms (${text(silent)}), SERVFAIL (${text(bad)})`,
    );
    expect([silent.asked.length, bad.asked.length]).toEqual([2, 1]);
  });

  it('is answered when the name does not exist: nobody else is asked', async () => {
    const [first, second] = [await server(() => ({ rcode: 3 })), await server(() => one)];
    expect(await ask(client([first, second]))).toBe(3);
    expect(second.asked).toEqual([]);
  });

  it('of nobody listening is told at once', async () => {
    const closed = place(await servers.closedPort('udp'));
    expect(await ask(client([closed]))).toBe(`connection refused (${text(closed)})`);
    expect(await ask(client([]))).toBe('the machine names no DNS server');
  });

  it.each([1, 4, 16])('is asked without EDNS of who does not know it: RCODE %i', async (rcode) => {
    const opt = [41, Buffer.alloc(0), '', 0x01000000] as const;
    const refusal: DnsAnswer = rcode === 16 ? { additional: [opt] } : { rcode };
    const old = await server(({ payloadBytes }) => (payloadBytes === undefined ? one : refusal));
    const asking = client([old]);
    expect(await ask(asking)).toEqual(['192.0.2.1']);
    expect(await ask(asking)).toEqual(['192.0.2.1']);
    expect(old.asked.map(({ payloadBytes }) => payloadBytes)).toEqual([1232, undefined, undefined]);
  });

  it('has an id and a port of its own each time', async () => {
    const seen = new Set<string>();
    const port = await servers.udp((query, from, socket) => {
      seen.add(`${query.readUInt16BE(0)} ${from.port}`);
      const reply = Buffer.from(query);
      reply.writeUInt16BE(0x8183, 2);
      reply.writeUInt16BE(0, 10);
      socket.send(reply.subarray(0, query.length - 11), from.port, from.address);
    });
    const asking = client([place(port)]);
    for (let n = 0; n < 8; n += 1) expect(await ask(asking)).toBe(3);
    expect(seen.size).toBe(8);
  });
});

describe('an answer', () => {
  it.each<[string, (query: Buffer) => Buffer]>([
    ['of another id', (query) => Buffer.concat([Buffer.from([query[0]! ^ 1]), query.subarray(1)])],
    ['to another name', (query) => Buffer.from(query.toString('latin1').replace('web', 'wob'), 'latin1')],
    ['that is no DNS', () => Buffer.alloc(7, 0xff)],
  ])('%s is passed over', async (_what, change) => {
    const port = await servers.udp((query, from, socket) => {
      const reply = Buffer.from(query);
      reply.writeUInt16BE(0x8180, 2);
      reply.writeUInt16BE(0, 10);
      const right = reply.subarray(0, query.length - 11);
      for (const bytes of [change(right), right]) socket.send(bytes, from.port, from.address);
    });
    expect(await ask(client([place(port)]))).toEqual([]);
  });

  it('from elsewhere never arrives', async () => {
    const elsewhere = new SocketServers();
    let other: { send: (bytes: Buffer, port: number, address: string, sent: () => void) => void } | undefined;
    await elsewhere.udp(
      () => undefined,
      (socket) => (other = socket),
    );
    const port = await servers.udp((query, from, socket) => {
      const reply = Buffer.from(query);
      reply.writeUInt16BE(0x8183, 2);
      reply.writeUInt16BE(0, 10);
      // the one from elsewhere says that there is no such name, and comes first
      other?.send(reply.subarray(0, query.length - 11), from.port, from.address, () => {
        reply.writeUInt16BE(0x8180, 2);
        socket.send(reply.subarray(0, query.length - 11), from.port, from.address);
      });
    });
    expect(await ask(client([place(port)]))).toEqual([]);
    await elsewhere.close();
  });

  it('that is broken sends the question to the next server', async () => {
    const bad = await server(() => ({ records: [[1, Buffer.from([1, 2, 3])]] }));
    const good = await server(() => one);
    expect(await ask(client([bad, good]))).toEqual(['192.0.2.1']);
    expect(await ask(client([bad]))).toBe(`the answer is broken (${text(bad)})`);
  });
});

describe('an answer that is truncated', () => {
  const truncated: DnsAnswer = { isTruncated: true };

  /** A server at one port of UDP and TCP; another program may have the one of TCP. */
  async function both(listen: (port: number) => Promise<number>): Promise<DnsServerPlace> {
    for (;;) {
      try {
        return place(await listen(await dnsServer(servers, () => truncated)));
      } catch (error) {
        if ((error as { code?: string }).code !== 'EADDRINUSE') throw error;
      }
    }
  }

  it('is asked for by TCP, and comes in pieces', async () => {
    const records = Array.from({ length: 200 }, (_, n) => dnsRecords.a(192, 0, 2, n));
    const at = await both((port) => dnsStreamServer(servers, port, () => ({ records }), 1));
    expect(await ask(client([at]))).toHaveLength(200);
    await servers.allClosed(1);
  });

  it.each<[string, (port: number) => Promise<number>, number, string]>([
    [
      'closes',
      (port) => servers.tcp((socket) => socket.once('data', () => socket.end()), port),
      PATIENT,
      'the connection was closed before the answer',
    ],
    ['is silent', (port) => servers.tcp((socket) => socket.resume(), port), HASTY, 'no answer within 100 ms'],
    [
      'truncates too',
      (port) => dnsStreamServer(servers, port, () => truncated),
      PATIENT,
      'the answer is broken',
    ],
  ])('is none when TCP %s', async (_what, listen, tryMs, why) => {
    const at = await both(listen);
    expect(await ask(client([at], tryMs))).toBe(`${why} (${text(at)})`);
  });
});

describe('a look that ends', () => {
  it('leaves nothing open, and no question without an end', async () => {
    const ending = new AbortController();
    const silent = await server(() => 'silence');
    const asked = client([silent], PATIENT, ending.signal).ask(NAME, 'A');
    ending.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
    await expect(client([silent], PATIENT, ending.signal).ask(NAME, 'A')).rejects.toThrow('enough');
  });

  it('asks nobody after its time', async () => {
    const late = await server(() => one);
    expect(await ask(client([late], PATIENT, never, -1))).toBe('the look took too long');
    expect(late.asked).toEqual([]);
  });
});
