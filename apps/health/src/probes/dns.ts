import { randomInt } from 'node:crypto';
import type { Socket } from 'node:net';
import {
  type DnsRecordType,
  type DnsResponse,
  dnsValue,
  HEALTH_CHECK_DEFAULTS,
  queryBytes,
  rcodeText,
  readResponse,
  recordsOf,
} from '@signalbox/contracts';
import type { Attempt } from './attempt.js';
import { BrokenResponse } from './broken-response.js';
import { openTcp } from './connect.js';
import { askByDatagram } from './datagram.js';
import type { ProbeTarget } from './probe.js';

const DNS_PORT = 53;
const LENGTH_BYTES = 2;
const IDS = 0x10000;

/** What was asked, and the value that one record must have. */
interface Question {
  readonly name: string;
  readonly type: DnsRecordType;
  readonly expect?: string;
}

/**
 * One query to the target itself: by UDP, and when that answer is truncated by TCP. In place of the resolver of
 * node:dns, which takes an alias for an answer and a shortage of our own for a refused connection.
 */
export function probeDns(given: ProbeTarget, attempt: Attempt): void {
  const { name = '', recordType: type = HEALTH_CHECK_DEFAULTS.recordType, expect } = given.params;
  const question: Question = { name, type, ...(expect !== undefined && { expect }) };
  const target = { ...given, port: given.port ?? DNS_PORT };
  const query = queryBytes(randomInt(IDS), name, type);
  askByDatagram(target, attempt, query, (answer) => {
    const response = readResponse(answer, query);
    if (!response) return;
    if (!response.isTruncated || response.rcode !== 0) return judge(response, question, attempt);
    attempt.remark('UDP answered, truncated; by TCP');
    openTcp(target, attempt, (socket) => askByStream(socket, query, question, attempt));
  });
}

/** Messages follow their length. RFC 1035, section 4.2.2. */
function askByStream(socket: Socket, query: Buffer, question: Question, attempt: Attempt): void {
  let received = Buffer.alloc(0);
  socket.on(
    'data',
    attempt.step((bytes: Buffer) => {
      received = Buffer.concat([received, bytes]);
      if (received.length < LENGTH_BYTES) return;
      const end = LENGTH_BYTES + received.readUInt16BE(0);
      if (received.length < end) return;
      const response = readResponse(received.subarray(LENGTH_BYTES, end), query);
      if (!response || response.isTruncated) throw new BrokenResponse('the answer is broken');
      judge(response, question, attempt);
    }),
  );
  socket.once(
    'end',
    attempt.step(() => attempt.fail('L7RSP', 'the connection was closed before the answer')),
  );
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt16BE(query.length);
  socket.write(Buffer.concat([length, query]));
}

function judge({ rcode, records }: DnsResponse, { name, type, expect }: Question, attempt: Attempt): void {
  if (rcode !== 0) return attempt.fail('L7STS', rcodeText(rcode));
  const { values, alias } = recordsOf(name, type, records);
  if (values.length === 0) {
    const nothing =
      alias === undefined ? 'no record of this type' : `an alias for ${alias}, without ${type} record`;
    return attempt.fail('L7RSP', nothing);
  }
  const found = values.join(', ');
  const expected = expect === undefined ? undefined : dnsValue(type, expect);
  const isFound = expected !== undefined && values.some((value) => dnsValue(type, value) === expected);
  if (expect !== undefined && !isFound)
    return attempt.fail('L7RSP', `no ${type} record equals ${expect}: ${found}`);
  attempt.pass('L7OK', found);
}
