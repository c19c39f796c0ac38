import type { Site } from './context.js';
import { EXIT, exitCodeOfStatus } from './exit-codes.js';
import { Failure, type WrongField } from './failure.js';

/** How long a request may take before the site counts as unreachable. */
export const REQUEST_TIMEOUT_MS = 30_000;

/** How long a stream may be silent before its connection counts as lost: three of the site's pings. */
export const STREAM_SILENCE_MS = 45_000;

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** One request. `ifMissing` is what to do next when the answer is 404. */
export interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly query?: Query;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly ifMissing?: string;
}

/** What a stream must be, and how it ends from our side. */
export interface StreamLimits {
  readonly type: 'text/event-stream' | 'application/x-ndjson';
  readonly signal: AbortSignal;
  readonly silenceMs?: number;
}

/** The REST API of one site. Nothing is retried here: a caller that may repeat a request does so itself. */
export class RestClient {
  constructor(private readonly site: Pick<Site, 'url' | 'token'>) {}

  /** The JSON body of a successful answer; throws Failure on anything else. */
  async call<Body>(path: string, call: Call = {}): Promise<Body> {
    return (await this.answer<Body>(path, call)).body;
  }

  /** As `call`; `pending` when the site has accepted it (202), but what follows from it cannot be read yet. */
  async answer<Body>(path: string, call: Call = {}): Promise<{ body: Body; pending: boolean }> {
    const { status, type, text } = await this.reach(async () => {
      const response = await this.fetch(path, call, AbortSignal.timeout(REQUEST_TIMEOUT_MS));
      return { status: response.status, type: typeOf(response), text: await response.text() };
    });
    if (status >= 400) throw refusal(status, text, call.ifMissing);
    const pending = status === 202;
    if (status === 204) return { body: undefined as Body, pending };
    const body = parseJson(text);
    if (!type.includes('json') || body === undefined) throw this.notOurs();
    return { body: body as Body, pending };
  }

  /**
   * A stream as its text, once the site has accepted it; throws Failure as `call` does, `unreachable` also
   * while it is read. Leaving the loop closes the connection.
   */
  async stream(path: string, call: Call, limits: StreamLimits): Promise<AsyncIterable<string>> {
    const silence = silenceAfter(limits.silenceMs ?? STREAM_SILENCE_MS);
    const signal = AbortSignal.any([limits.signal, silence.signal]);
    try {
      const headers = { accept: limits.type, ...call.headers };
      const response = await this.reach(() => this.fetch(path, { ...call, headers }, signal));
      if (response.status >= 400)
        throw refusal(response.status, await this.reach(() => response.text()), call.ifMissing);
      if (!typeOf(response).includes(limits.type) || !response.body) throw this.notOurs();
      return this.textOf(response.body, silence);
    } catch (error) {
      silence.end();
      throw error;
    }
  }

  private async *textOf(body: AsyncIterable<Uint8Array>, silence: Silence): AsyncGenerator<string> {
    const decoder = new TextDecoder();
    const chunks = body[Symbol.asyncIterator]();
    try {
      for (;;) {
        const { done, value } = await this.reach(() => chunks.next());
        if (done) return;
        silence.broken();
        yield decoder.decode(value, { stream: true });
      }
    } finally {
      silence.end();
    }
  }

  private async fetch(path: string, call: Call, signal: AbortSignal): Promise<Response> {
    return fetch(`${this.site.url}${path}${queryText(call.query ?? {})}`, {
      method: call.method ?? 'GET',
      headers: {
        accept: 'application/json',
        ...(this.site.token !== '' && { authorization: `Bearer ${this.site.token}` }),
        ...call.headers,
      },
      ...(call.body !== undefined && { body: call.body }),
      signal,
    });
  }

  /** What goes wrong with a connection, as a failure. */
  private async reach<Result>(attempt: () => Promise<Result>): Promise<Result> {
    try {
      return await attempt();
    } catch (cause) {
      const message = `${this.site.url} cannot be reached: ${reasonOf(cause)}`;
      throw new Failure('unreachable', message, EXIT.unreachable, { retryable: true, cause });
    }
  }

  private notOurs(): Failure {
    return new Failure(
      'unexpected-answer',
      `${this.site.url} does not answer like a Signalbox api`,
      EXIT.failure,
      { next: 'check the url: signalbox context show' },
    );
  }
}

/** Ends a connection on which nothing comes any more, though nobody has closed it. */
interface Silence {
  readonly signal: AbortSignal;
  broken(): void;
  end(): void;
}

function silenceAfter(ms: number): Silence {
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(new Error(`nothing came for ${ms / 1000} s`)), ms);
  return {
    signal: control.signal,
    broken: () => void timer.refresh(),
    end: () => {
      clearTimeout(timer);
      control.abort();
    },
  };
}

function typeOf(response: Response): string {
  return response.headers.get('content-type') ?? '';
}

/** `/v1/groups/a` from parts that may hold anything. */
export function pathOf(...parts: readonly string[]): string {
  return `/v1/${parts.map(encodeURIComponent).join('/')}`;
}

function queryText(query: Query): string {
  const given = new URLSearchParams();
  for (const [key, value] of Object.entries(query))
    if (value !== undefined && value !== '') given.set(key, String(value));
  return given.size === 0 ? '' : `?${given.toString()}`;
}

/** The failure in an error answer: problem+json, or whatever stands between us and the api. */
function refusal(status: number, text: string, ifMissing: string | undefined): Failure {
  const problem = Object(parseJson(text)) as {
    code?: string;
    detail?: string;
    title?: string;
    retryable?: boolean;
    errors?: readonly WrongField[];
  };
  return new Failure(
    problem.code ?? `http-${status}`,
    problem.detail ?? problem.title ?? `the answer was HTTP ${status}`,
    exitCodeOfStatus(status),
    {
      errors: problem.errors ?? [],
      retryable: status >= 500 && problem.retryable !== false,
      ...(problem.code !== 'unknown-group' && status === 404 && ifMissing && { next: ifMissing }),
    },
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Why fetch failed, in one line: the error of the socket rather than "fetch failed". */
function reasonOf(error: unknown): string {
  const { name, message, cause } = Object(error) as Partial<Error> & {
    cause?: Partial<NodeJS.ErrnoException>;
  };
  if (name === 'TimeoutError') return `no answer within ${REQUEST_TIMEOUT_MS / 1000} s`;
  return cause?.message || cause?.code || (message ?? String(error));
}
