import { createServer } from 'node:net';
import type { SocketServers } from './socket-servers.js';

/**
 * One record of an answer: its type and its data as they are sent, its owner, by default the name asked for, and its TTL
 * in seconds, by default 60.
 */
export type WireRecord = readonly [type: number, data: Buffer, owner?: string | undefined, ttl?: number];

const NAME_POINTER = Buffer.from([0xc0, 12]);
const HEADER_BYTES = 12;

/** What the server answers: an RCODE and records of the three sections; `garbage` is no DNS. */
export type DnsAnswer =
  | {
      readonly rcode?: number;
      readonly records?: readonly WireRecord[];
      readonly authority?: readonly WireRecord[];
      readonly additional?: readonly WireRecord[];
      readonly isTruncated?: boolean;
    }
  | 'garbage'
  | 'silence';

/** What was asked: name and number of the type, and by EDNS how large a datagram of the answer may be. */
export interface DnsQuestion {
  readonly name: string;
  readonly type: number;
  readonly payloadBytes?: number;
}

/** A DNS server that answers every question as told. RFC 1035, section 4. */
export function dnsServer(
  servers: SocketServers,
  answer: (question: DnsQuestion) => DnsAnswer,
): Promise<number> {
  return servers.udp((query, from, socket) => {
    const bytes = replyTo(query, answer);
    if (bytes) socket.send(bytes, from.port, from.address);
  });
}

/** The same by TCP, on a port that its caller knows; `cut` is how many bytes of the reply come in a first packet. */
export function dnsStreamServer(
  servers: SocketServers,
  port: number,
  answer: (question: DnsQuestion) => DnsAnswer,
  cut = 1,
): Promise<number> {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.once('data', (query: Buffer) => {
      const bytes = replyTo(query.subarray(2), answer);
      if (!bytes) return socket.end();
      const whole = Buffer.concat([u16(bytes.length), bytes]);
      socket.write(whole.subarray(0, cut), () => socket.write(whole.subarray(cut)));
    });
  });
  return servers.listen(server, '127.0.0.1', port);
}

function replyTo(query: Buffer, answer: (question: DnsQuestion) => DnsAnswer): Buffer | undefined {
  const { question, end } = readQuestion(query);
  const reply = answer(question);
  if (reply === 'silence') return undefined;
  return reply === 'garbage' ? Buffer.alloc(7, 0xff) : encode(query.subarray(0, end), reply);
}

/** The record of another owner. */
export function ownedBy(owner: string, [type, data, , ttl]: WireRecord): WireRecord {
  return [type, data, owner, ttl];
}

/** The record with another TTL. Seconds. */
export function keptFor(ttl: number, [type, data, owner]: WireRecord): WireRecord {
  return [type, data, owner, ttl];
}

/** Records as servers send them. */
export const dnsRecords = {
  a: (...parts: number[]): WireRecord => [1, Buffer.from(parts)],
  aaaa: (last: number): WireRecord => [
    28,
    Buffer.concat([Buffer.from([0x20, 1, 0xd, 0xb8]), u16(0, 0, 0, 0, 0, last)]),
  ],
  cname: (to: string): WireRecord => [5, nameBytes(to)],
  ns: (to: string): WireRecord => [2, nameBytes(to)],
  mx: (priority: number, to: string): WireRecord => [15, Buffer.concat([u16(priority), nameBytes(to)])],
  srv: (priority: number, weight: number, port: number, to: string): WireRecord => [
    33,
    Buffer.concat([u16(priority, weight, port), nameBytes(to)]),
  ],
  txt: (...strings: string[]): WireRecord => [
    16,
    Buffer.concat(strings.flatMap((text) => [Buffer.from([text.length]), Buffer.from(text)])),
  ],
  soa: (ns: string, mail: string, ...numbers: number[]): WireRecord => [
    6,
    Buffer.concat([
      nameBytes(ns),
      nameBytes(mail),
      ...numbers.map((value) => u16(value >>> 16, value & 0xffff)),
    ]),
  ],
};

function readQuestion(query: Buffer): { question: DnsQuestion; end: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const end = at + 5;
  // root, type OPT, and the size where other records have their class
  const hasEdns = query.readUInt16BE(10) === 1 && query.readUInt16BE(end + 1) === 41;
  const payload = hasEdns ? { payloadBytes: query.readUInt16BE(end + 3) } : {};
  return { question: { name: labels.join('.'), type: query.readUInt16BE(at + 1), ...payload }, end };
}

function encode(query: Buffer, answer: Exclude<DnsAnswer, string>): Buffer {
  const { rcode = 0, records = [], authority = [], additional = [], isTruncated = false } = answer;
  const header = Buffer.from(query.subarray(0, HEADER_BYTES));
  header.writeUInt16BE(0x8180 | (isTruncated ? 0x0200 : 0) | rcode, 2);
  u16(1, records.length, authority.length, additional.length).copy(header, 4);
  const sections = [...records, ...authority, ...additional].flatMap(([type, data, owner, ttl = 60]) => [
    owner === undefined ? NAME_POINTER : nameBytes(owner),
    u16(type, 1, ttl >>> 16, ttl & 0xffff, data.length),
    data,
  ]);
  return Buffer.concat([header, query.subarray(HEADER_BYTES), ...sections]);
}

function nameBytes(name: string): Buffer {
  const given = name.split('.').filter((label) => label !== '');
  const labels = given.flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)]);
  return Buffer.concat([...labels, Buffer.from([0])]);
}

function u16(...values: number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  values.forEach((value, i) => bytes.writeUInt16BE(value, 2 * i));
  return bytes;
}
