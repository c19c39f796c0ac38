import type { Site } from './context.js';
import { EXIT, exitCodeOfStatus } from './exit-codes.js';
import { Failure, type WrongField } from './failure.js';
import { exchange, exchangeProblem, type HttpAnswer } from './http-exchange.js';

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
  /** Members that the answer must have, else it is not the answer to this question. */
  readonly has?: readonly string[];
  /** A request that only looks like a change: a dry run, a check. */
  readonly changesNothing?: boolean;
  /** How much longer than others its answer may take, because it was asked to wait. Milliseconds. */
  readonly waitMs?: number;
}

/** What a stream must be, and how it ends from our side. */
export interface StreamLimits {
  readonly type: 'text/event-stream' | 'application/x-ndjson';
  readonly signal: AbortSignal;
  readonly silenceMs?: number;
}

/** What one answer may hold, streams aside. Bytes. */
export const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

/** A request that may change the site. */
export interface ChangeRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body?: string | undefined;
}

/** How a client speaks to its site. */
export interface ClientOptions {
  /** For a whole answer, and for the head of a stream. Milliseconds. */
  readonly timeoutMs?: number;
  /** Hears of every request that may change the site, before it is sent; what it throws keeps it from being sent. */
  readonly onChange?: (request: ChangeRequest) => void;
}

/** The REST API of one site. Nothing is retried here: a caller that may repeat a request does so itself. */
export class RestClient {
  private readonly timeoutMs: number;

  constructor(
    private readonly site: Pick<Site, 'url' | 'token'> & Partial<Pick<Site, 'siteId' | 'from'>>,
    private readonly options: ClientOptions = {},
  ) {
    this.timeoutMs = options.timeoutMs ?? REQUEST_TIMEOUT_MS;
  }

  /** The JSON body of a successful answer; throws Failure on anything else. */
  async call<Body>(path: string, call: Call = {}): Promise<Body> {
    return (await this.answer<Body>(path, call)).body;
  }

  /** As `call`; `pending` when the site has accepted it (202), but what follows from it cannot be read yet. */
  async answer<Body>(path: string, call: Call = {}): Promise<{ body: Body; pending: boolean }> {
    await this.prepare(path, call);
    const { status, type, text } = await this.whole(path, call, this.authorization);
    if (status >= 400) throw this.refusal(status, text, call.ifMissing);
    const pending = status === 202;
    if (status === 204) return { body: undefined as Body, pending };
    const body = parseJson(text);
    if (status >= 300 || !type.includes('json') || !hasMembers(body, call.has ?? [])) throw this.notOurs();
    return { body: body as Body, pending };
  }

  /**
   * A stream as its text, once the site has accepted it; throws Failure as `call` does, `unreachable` also
   * while it is read. Leaving the loop closes the connection.
   */
  async stream(path: string, call: Call, limits: StreamLimits): Promise<AsyncIterable<string>> {
    await this.prepare(path, call);
    const silence = silenceAfter(limits.silenceMs ?? STREAM_SILENCE_MS);
    const signal = AbortSignal.any([limits.signal, silence.signal]);
    try {
      const headers = { accept: limits.type, ...this.authorization, ...call.headers };
      const { status, type, body } = await this.within(this.timeoutMs, signal, (both) =>
        this.send(path, { ...call, headers }, both),
      );
      if (status >= 400) throw this.refusal(status, await this.reach(() => textOf(body)), call.ifMissing);
      if (!type.includes(limits.type)) throw this.notOurs();
      return this.pieces(body, silence);
    } catch (error) {
      silence.end();
      throw error;
    }
  }

  /** Before a request with a token: says which site is changed, and makes sure that it is the site of the token. */
  private async prepare(
    path: string,
    { method = 'GET', changesNothing = false, query = {}, body }: Call,
  ): Promise<void> {
    if (method !== 'GET' && !changesNothing)
      this.options.onChange?.({ method, path: `${path}${queryText(query)}`, body });
    const { siteId, url, token, from } = this.site;
    if (siteId === undefined || token === '') return;
    const found = await this.siteThere();
    if (found === siteId) return;
    throw new Failure(
      'wrong-site',
      `${url} is not the site that the context in ${from} was made for: ` +
        `it is ${found ?? 'none that says who it is'}, wanted is ${siteId}; nothing was sent`,
      EXIT.unreachable,
      { next: 'start that site, or name the site that you mean: signalbox context show' },
    );
  }

  /** Who answers, asked without a token; undefined when it does not say. */
  async siteThere(): Promise<string | undefined> {
    const { status, text } = await this.whole(pathOf('site'), {}, {});
    // a site that cannot answer now is not another site
    if (status >= 500) throw this.refusal(status, text, undefined);
    const { siteId } = Object(status === 200 ? parseJson(text) : undefined) as { siteId?: unknown };
    return typeof siteId === 'string' ? siteId : undefined;
  }

  private get authorization(): Readonly<Record<string, string>> {
    return this.site.token === '' ? {} : { authorization: `Bearer ${this.site.token}` };
  }

  private whole(
    path: string,
    call: Call,
    authorization: Readonly<Record<string, string>>,
  ): Promise<{ status: number; type: string; text: string }> {
    const headers = { accept: 'application/json', ...authorization, ...call.headers };
    const never = new AbortController().signal;
    return this.within(this.timeoutMs + (call.waitMs ?? 0), never, async (signal) => {
      const { status, type, body } = await this.send(path, { ...call, headers }, signal);
      return { status, type, text: await textOf(body) };
    });
  }

  /** Ends an attempt that takes longer. The timer keeps the process alive: a wait always ends with an answer. */
  private async within<Result>(
    ms: number,
    outer: AbortSignal,
    attempt: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new Error(`no answer within ${ms / 1000} s`)), ms);
    try {
      return await this.reach(() => attempt(AbortSignal.any([outer, late.signal])));
    } finally {
      clearTimeout(timer);
    }
  }

  private async *pieces(body: AsyncIterable<Uint8Array>, silence: Silence): AsyncGenerator<string> {
    const decoder = new TextDecoder();
    const chunks = body[Symbol.asyncIterator]();
    try {
      for (;;) {
        const { done, value } = await this.reach(() => chunks.next());
        if (done) return;
        // bytes that drip without ever ending a line are no answer
        if (value.includes(LINE_FEED)) silence.broken();
        yield decoder.decode(value, { stream: true });
      }
    } finally {
      silence.end();
    }
  }

  private send(
    path: string,
    { method = 'GET', query, headers = {}, body }: Call,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    return exchange(`${this.site.url}${path}${queryText(query ?? {})}`, {
      method,
      headers: {
        ...headers,
        ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
      },
      ...(body !== undefined && { body }),
      signal,
    });
  }

  /** What goes wrong with a connection, as a failure. */
  private async reach<Result>(attempt: () => Promise<Result>): Promise<Result> {
    try {
      return await attempt();
    } catch (cause) {
      if (cause instanceof Failure) throw cause;
      throw this.unreachable(exchangeProblem(cause), cause);
    }
  }

  private unreachable(reason: string, cause?: unknown): Failure {
    const message = `${this.site.url} cannot be reached: ${reason}`;
    return new Failure('unreachable', message, EXIT.unreachable, { retryable: true, cause });
  }

  /** The failure in an error answer: problem+json, or whatever stands between us and the api. */
  private refusal(status: number, text: string, ifMissing: string | undefined): Failure {
    const problem = Object(parseJson(text)) as {
      code?: string;
      detail?: string;
      title?: string;
      retryable?: boolean;
      errors?: readonly WrongField[];
    };
    if (problem.code === undefined && IN_BETWEEN.includes(status))
      return this.unreachable(`what stands between answers HTTP ${status}`);
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

  private notOurs(): Failure {
    return new Failure(
      'unexpected-answer',
      `${this.site.url} does not answer like a Signalbox api`,
      EXIT.unreachable,
      { next: 'check the url: signalbox context show' },
    );
  }
}

const LINE_FEED = 0x0a;

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

/** What a proxy answers when there is no site behind it. */
const IN_BETWEEN: readonly number[] = [502, 504];

/** The whole text of a body. Throws `unexpected-answer` past {@link MAX_ANSWER_BYTES}. */
async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES)
      throw new Failure(
        'unexpected-answer',
        `the answer has more than ${MAX_ANSWER_BYTES / 1024 / 1024} MiB`,
        EXIT.unreachable,
        { next: 'check the url: signalbox context show' },
      );
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
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

function hasMembers(body: unknown, names: readonly string[]): boolean {
  return typeof body === 'object' && body !== null && names.every((name) => Object.hasOwn(body, name));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
