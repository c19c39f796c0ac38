import {
  Agent as HttpAgent,
  type ClientRequest,
  type IncomingMessage,
  request as httpRequest,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { ApiFailure, asFailure, refusal } from './api-failure.js';
import type { ClusterCredentials } from './credentials.js';
import { JsonLines } from './json-lines.js';
import { KUBERNETES_LIMITS, type KubernetesTimings } from './kubernetes-limits.js';

/** A call of the API: what is asked for, in the words of the API. */
export interface ApiCall {
  /** Begins with a slash. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** For people: `list services`. */
  readonly what: string;
}

/** What is told of a watch. */
export interface WatchReader {
  /** It stands: the server took the call. */
  readonly stands: () => void;
  /** What came at once; what it throws ends the watch. */
  readonly take: (values: readonly unknown[]) => void;
}

/** Where the client of one cluster gets what it needs. */
export interface ApiAccess {
  readonly server: string;
  /** Absent: the server is shown nothing, and has to be one that the machine trusts. */
  readonly credentials?: () => Promise<ClusterCredentials>;
  readonly timings: KubernetesTimings;
}

const AGENT_OPTIONS = { keepAlive: true, maxFreeSockets: 2 };

/**
 * Client of one API server. Every call has a deadline and ends at {@link close}; each that comes to nothing rejects with an
 * {@link ApiFailure}. A token goes over TLS only, and is nowhere told.
 */
export class ApiClient {
  private readonly http = new HttpAgent(AGENT_OPTIONS);
  /** For the authorities that were read last. */
  private https: { readonly ca: string | undefined; readonly agent: HttpsAgent } | undefined;
  private readonly closed = new AbortController();

  constructor(private readonly access: ApiAccess) {}

  /** A JSON answer, whole. */
  get(call: ApiCall): Promise<unknown> {
    return this.exchange(call, 'GET', undefined, async (response) => {
      const text = await readText(response, KUBERNETES_LIMITS.pageBytes);
      return parsed(text);
    });
  }

  /** A write; the answer is the object that it led to. */
  patch(call: ApiCall, contentType: string, body: unknown): Promise<unknown> {
    const sent = { contentType, text: JSON.stringify(body) };
    return this.exchange(call, 'PATCH', sent, async (response) => {
      return parsed(await readText(response, KUBERNETES_LIMITS.answerBytes));
    });
  }

  /** Reads a stream of values. Resolves when the server ends it; rejects with `cut`, `silent` or `broken` once it stands. */
  watch(call: ApiCall, reader: WatchReader): Promise<void> {
    const { silenceMs } = this.access.timings;
    return this.exchange(call, 'GET', undefined, async (response, within) => {
      reader.stands();
      const lines = new JsonLines(KUBERNETES_LIMITS.lineBytes);
      const wait = (): void =>
        within(silenceMs, new ApiFailure('silent', `nothing came within ${silenceMs / 1000} s`));
      try {
        wait();
        for await (const piece of response as AsyncIterable<Buffer>) {
          wait();
          takeAll(lines, piece, reader.take);
        }
      } catch (error) {
        throw asFailure(error, 'cut');
      }
    });
  }

  /** Ends all calls and closes the connections. */
  close(): void {
    this.closed.abort();
    this.http.destroy();
    this.https?.agent.destroy();
  }

  private async exchange<T>(
    call: ApiCall,
    method: string,
    sent: { readonly contentType: string; readonly text: string } | undefined,
    read: (response: IncomingMessage, within: (ms: number, failure: ApiFailure) => void) => Promise<T>,
  ): Promise<T> {
    const { answerMs } = this.access.timings;
    const limit = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const within = (ms: number, failure: ApiFailure): void => {
      clearTimeout(timer);
      timer = setTimeout(() => limit.abort(failure), ms);
    };
    const signal = AbortSignal.any([limit.signal, this.closed.signal]);
    within(answerMs, new ApiFailure('unreachable', `${call.what}: no answer within ${answerMs / 1000} s`));
    try {
      const response = await this.send(call, method, sent, signal);
      const status = response.statusCode ?? 0;
      if (status >= 200 && status < 300) return await read(response, within);
      const body = await readText(response, KUBERNETES_LIMITS.answerBytes);
      throw refusal(call.what, status, body, response.headers['retry-after']);
    } catch (error) {
      throw limit.signal.aborted ? (limit.signal.reason as ApiFailure) : asFailure(error, 'unreachable');
    } finally {
      clearTimeout(timer);
    }
  }

  /** A kept connection may turn out to be closed by the server: that is no answer, so the request goes out once more. */
  private async send(
    call: ApiCall,
    method: string,
    sent: { readonly contentType: string; readonly text: string } | undefined,
    signal: AbortSignal,
    isSecond = false,
  ): Promise<IncomingMessage> {
    const url = new URL(this.access.server.replace(/\/+$/, '') + call.path);
    for (const [name, value] of Object.entries(call.query ?? {})) url.searchParams.set(name, value);
    const { token, ca } = (await this.access.credentials?.()) ?? {};
    const isSecure = url.protocol === 'https:';
    if (token !== undefined && !isSecure)
      throw new ApiFailure('unreachable', 'a token is sent over https only: write https in the server URL');
    const headers = {
      Accept: 'application/json',
      'User-Agent': 'signalbox',
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...(sent && {
        'Content-Type': sent.contentType,
        'Content-Length': String(Buffer.byteLength(sent.text)),
      }),
    };
    const options = { method, headers, signal, agent: isSecure ? this.secureAgent(ca) : this.http };
    const request: ClientRequest = (isSecure ? httpsRequest : httpRequest)(url, options);
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      request.on('response', resolve);
      request.on('error', reject);
    });
    request.end(sent?.text);
    try {
      return await answered;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const isStale = request.reusedSocket && ['ECONNRESET', 'EPIPE'].includes(code ?? '');
      if (isStale && !isSecond) return this.send(call, method, sent, signal, true);
      throw error;
    }
  }

  /** Other authorities are another agent: a connection is trusted by those that it was made with. */
  private secureAgent(ca: string | undefined): HttpsAgent {
    if (this.https?.ca !== ca) {
      this.https?.agent.destroy();
      this.https = undefined;
    }
    this.https ??= { ca, agent: new HttpsAgent({ ...AGENT_OPTIONS, ...(ca !== undefined && { ca }) }) };
    return this.https.agent;
  }
}

/** What is complete by a piece, at once; also what stands before something broken. */
function takeAll(lines: JsonLines, piece: Buffer, take: (values: readonly unknown[]) => void): void {
  const values: unknown[] = [];
  try {
    lines.push(piece, (value) => void values.push(value));
  } finally {
    if (values.length > 0) take(values);
  }
}

async function readText(response: IncomingMessage, maxBytes: number): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    bytes += piece.byteLength;
    if (bytes > maxBytes) throw new ApiFailure('broken', `an answer is longer than ${maxBytes} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new ApiFailure('broken', 'an answer is no JSON', { cause });
  }
}
