import { CodedError } from '@signalbox/contracts';
import type { Bus } from './bus.js';
import { isNotFound } from './streams.js';
import type { StreamMessage } from './stream-message.js';

/** Milliseconds that one direct get may take. */
const GET_MS = 5000;

/**
 * Reads messages by sequence, all requests in flight at once (JetStream direct get). Gone ones are `undefined`.
 * At most 1,024 per call. Throws `nats-unavailable` when the server does not answer.
 */
export async function getBySeq(
  bus: Bus,
  stream: string,
  seqs: readonly number[],
): Promise<(StreamMessage | undefined)[]> {
  if (seqs.length > 1024) throw new RangeError('at most 1024 messages per call');
  return Promise.all(seqs.map((seq) => getOne(bus, stream, seq)));
}

function getOne(bus: Bus, stream: string, seq: number): Promise<StreamMessage | undefined> {
  return directGet(bus, stream, `message ${seq}`, '', JSON.stringify({ seq }));
}

async function directGet(
  bus: Bus,
  stream: string,
  what: string,
  end: string,
  question: string,
): Promise<StreamMessage | undefined> {
  let reply;
  try {
    reply = await bus.whileConnected(
      bus.connection.request(`${bus.api}.DIRECT.GET.${stream}${end}`, question, { timeout: GET_MS }),
    );
  } catch (cause) {
    throw new CodedError('nats-unavailable', `${what} of ${stream} could not be read`, [], { cause });
  }
  const { headers } = reply;
  if (headers?.code === 404) return undefined;
  if (headers === undefined || headers.code !== 0) {
    throw new CodedError(
      'nats-unavailable',
      `${what} of ${stream} could not be read: ${headers?.description}`,
    );
  }
  return {
    stream,
    seq: Number(headers.get('Nats-Sequence')),
    subject: headers.get('Nats-Subject'),
    data: reply.data,
    time: Date.parse(headers.get('Nats-Time-Stamp')),
    headers,
  };
}

/** First message of a subject that the stream still holds, or undefined when there is none. */
export function getFirst(bus: Bus, stream: string, subject: string): Promise<StreamMessage | undefined> {
  return getStored(bus, stream, { seq: 1, next_by_subj: subject });
}

/**
 * As {@link getLast}, by a question whose subject names the subject asked for: of use to whom NATS lets read that one alone. A copy
 * of the stream may answer, which may be a moment behind. Throws `nats-unavailable` when nobody answers.
 */
export async function getLastAlone(
  bus: Bus,
  stream: string,
  subject: string,
): Promise<StreamMessage | undefined> {
  return directGet(bus, stream, `the last message on ${subject}`, `.${subject}`, '');
}

/** Last message of a subject, or undefined when there is none. Read from the leader, so never stale. */
export function getLast(bus: Bus, stream: string, subject: string): Promise<StreamMessage | undefined> {
  return getStored(bus, stream, { last_by_subj: subject });
}

async function getStored(
  bus: Bus,
  stream: string,
  query: { last_by_subj: string } | { seq: number; next_by_subj: string },
): Promise<StreamMessage | undefined> {
  try {
    const found = await bus.whileConnected(bus.manager.streams.getMessage(stream, query));
    return {
      stream,
      seq: found.seq,
      subject: found.subject,
      data: found.data,
      time: found.time.getTime(),
      ...(found.header && { headers: found.header }),
    };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
