import {
  Client,
  type ClientReadableStream,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { type CallName, CALLS } from './gobgp-calls.js';
import { readMessage, writeMessage } from './gobgp-messages.js';
import { refused, unavailable } from '../announcer-error.js';
import type { OrderTime } from '../../order-time.js';

/** Most answers of a list: a hundred times the VIPs of a large node. */
const MOST_ANSWERS = 100_000;

/** What says that the daemon is not there, or too slow. */
const ABSENT: readonly status[] = [status.UNAVAILABLE, status.DEADLINE_EXCEEDED, status.CANCELLED];

/** A gobgpd that somebody else runs, by gRPC without TLS: on loopback, or a Unix socket. */
export class GobgpClient {
  private client: Client;
  private isClosed = false;

  constructor(readonly address: string) {
    this.client = clientOf(address);
  }

  /** Rejects with `announcer-unavailable`, at the latest when the time is over, and with `announce-refused` for what it does not take. */
  call<T>(name: CallName, request: object, time: OrderTime): Promise<T> {
    const { path, write, read } = wayOf<T>(name);
    return new Promise((resolve, reject) => {
      this.client.makeUnaryRequest(
        path,
        write,
        read,
        request,
        new Metadata(),
        { deadline: time.end },
        (error: ServiceError | null, answer?: T) => {
          if (error) reject(this.failure(name, error));
          else resolve(answer!);
        },
      );
    });
  }

  /** All that a list answers. Rejects as {@link call}. */
  async list<T>(name: CallName, request: object, time: OrderTime): Promise<T[]> {
    const answers: T[] = [];
    const stream = this.stream<T>(name, request, time.end);
    try {
      for await (const answer of stream) {
        answers.push(answer as T);
        if (answers.length > MOST_ANSWERS) throw unavailable(`gobgpd at ${this.address} answers without end`);
      }
    } catch (error) {
      throw isServiceError(error) ? this.failure(name, error) : error;
    }
    return answers;
  }

  /** What happens from now on, until it is cancelled. */
  watch<T>(name: CallName, request: object): ClientReadableStream<T> {
    return this.stream(name, request, undefined);
  }

  close(): void {
    this.isClosed = true;
    this.client.close();
  }

  private stream<T>(name: CallName, request: object, deadline: Date | undefined): ClientReadableStream<T> {
    const { path, write, read } = wayOf<T>(name);
    const options = deadline ? { deadline } : {};
    return this.client.makeServerStreamRequest(path, write, read, request, new Metadata(), options);
  }

  /** A client that could not connect refuses calls for a while, and whoever asks next wants to know how it is then. */
  private connectAnew(): void {
    if (this.isClosed) return;
    this.client.close();
    this.client = clientOf(this.address);
  }

  private failure(name: CallName, error: ServiceError): Error {
    if (error.code === status.UNAVAILABLE) this.connectAnew();
    const what = `gobgpd at ${this.address}, ${name}: ${(error.details || error.message).replace(/ Resolution note:.*$/s, '')}`;
    return ABSENT.includes(error.code) ? unavailable(what, error) : refused(what, error);
  }
}

/** Connections of its own, which no other client shares. */
function clientOf(address: string): Client {
  return new Client(address, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_http_proxy': 0,
  });
}

function wayOf<T>(name: CallName) {
  const [request, answer] = CALLS[name];
  return {
    path: `/apipb.GobgpApi/${name}`,
    write: (fields: object) => writeMessage(request, fields),
    read: (bytes: Buffer) => readMessage(answer, bytes) as T,
  };
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && typeof (error as Partial<ServiceError>).code === 'number';
}
