import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import { BrokenDnsMessage, type DnsResponse, readResponse } from '@signalbox/contracts';

/** A server of DNS. */
export interface DnsServerPlace {
  /** An IP address. */
  readonly address: string;
  readonly port: number;
}

/** How long a server may take (milliseconds), and what ends it before that. */
export interface TryBounds {
  readonly tryMs: number;
  readonly signal: AbortSignal;
}

/** A server did not answer, for people. */
export class NoDnsAnswer extends Error {}

const LENGTH_BYTES = 2;

const TEXTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
};

/**
 * Sends a query as one datagram, from a port of its own; only the server itself can answer it, and what does not answer the query
 * is passed over. Rejects with {@link NoDnsAnswer}; the socket is closed when this settles.
 */
export function askByDatagram(
  server: DnsServerPlace,
  query: Buffer,
  bounds: TryBounds,
): Promise<DnsResponse> {
  return tried(bounds, ({ done, fail, hold, step }) => {
    const socket = createSocket(isIPv6(server.address) ? 'udp6' : 'udp4');
    hold(() => new Promise((resolve) => socket.close(resolve)));
    socket.on('error', fail);
    socket.on(
      'message',
      step((bytes: Buffer) => {
        const response = readResponse(bytes, query);
        if (response) done(response);
      }),
    );
    const send = step((error?: Error) => {
      if (error) throw error;
      socket.send(query, (failure) => failure && fail(failure));
    });
    socket.bind(
      0,
      step(() => socket.connect(server.port, server.address, send)),
    );
  });
}

/** The same over a connection, where messages follow their length. RFC 1035, section 4.2.2; RFC 7766. */
export function askByStream(server: DnsServerPlace, query: Buffer, bounds: TryBounds): Promise<DnsResponse> {
  return tried(bounds, ({ done, fail, hold, step }) => {
    const socket = connect({ host: server.address, port: server.port });
    hold(() => new Promise((resolve) => socket.once('close', () => resolve()).destroy()));
    const received: Buffer[] = [];
    socket.on('error', fail);
    socket.on('end', () => fail(new NoDnsAnswer('the connection was closed before the answer')));
    socket.on(
      'data',
      step((bytes: Buffer) => {
        received.push(bytes);
        const message = firstMessage(received);
        if (!message) return;
        const response = readResponse(message, query);
        if (!response || response.isTruncated) throw new NoDnsAnswer('the answer is broken');
        done(response);
      }),
    );
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt16BE(query.length);
    socket.write(Buffer.concat([length, query]));
  });
}

/** The first message, when all of it has come. */
function firstMessage(received: readonly Buffer[]): Buffer | undefined {
  const bytes = Buffer.concat(received);
  if (bytes.length < LENGTH_BYTES) return undefined;
  const end = LENGTH_BYTES + bytes.readUInt16BE(0);
  return bytes.length < end ? undefined : bytes.subarray(LENGTH_BYTES, end);
}

/** One try in work. Whatever comes after its end is ignored. */
interface Try<T> {
  readonly done: (value: T) => void;
  readonly fail: (error: unknown) => void;
  /** `release` is called once, at the end; the try settles when it resolves. */
  readonly hold: (release: () => Promise<void>) => void;
  /** The next step, called later by a socket; what it throws is a failure. */
  readonly step: <A extends unknown[]>(act: (...args: A) => void) => (...args: A) => void;
}

/** Settles once, when nothing of the try is open any more: by its steps, its deadline or the signal. */
function tried<T>({ tryMs, signal }: TryBounds, begin: (attempt: Try<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    let release = (): Promise<void> => Promise.resolve();
    const end = (settle: () => void): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', cancel);
      void release().then(settle);
    };
    const fail = (error: unknown): void => end(() => reject(noAnswer(error)));
    const cancel = (): void => fail(signal.reason);
    const timer = setTimeout(() => fail(new NoDnsAnswer(`no answer within ${tryMs} ms`)), tryMs);
    const step =
      <A extends unknown[]>(act: (...args: A) => void) =>
      (...args: A): void => {
        if (isOver) return;
        try {
          act(...args);
        } catch (error) {
          fail(error);
        }
      };
    signal.addEventListener('abort', cancel);
    if (signal.aborted) return cancel();
    step(begin)({
      done: (value) => end(() => resolve(value)),
      fail,
      hold: (close) => (release = close),
      step,
    });
  });
}

function noAnswer(error: unknown): unknown {
  if (error instanceof NoDnsAnswer) return error;
  if (error instanceof BrokenDnsMessage) return new NoDnsAnswer(error.message, { cause: error });
  const { code } = error as NodeJS.ErrnoException;
  // of an aborted signal it is a number
  if (typeof code !== 'string') return error;
  return new NoDnsAnswer(TEXTS[code] ?? `cannot be asked (${code})`, { cause: error });
}
