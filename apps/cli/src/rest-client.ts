import type { Site } from './context.js';
import { EXIT, exitCodeOfStatus } from './exit-codes.js';
import { Failure, type WrongField } from './failure.js';

/** How long a request may take before the site counts as unreachable. */
export const REQUEST_TIMEOUT_MS = 30_000;

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** One request. `ifMissing` is what to do next when the answer is 404. */
export interface Call {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly query?: Query;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly ifMissing?: string;
}

/** The REST API of one site. Nothing is retried here: a caller that may repeat a request does so itself. */
export class RestClient {
  constructor(private readonly site: Pick<Site, 'url' | 'token'>) {}

  /** The JSON body of a successful answer; throws Failure on anything else. */
  async call<Body>(path: string, call: Call = {}): Promise<Body> {
    const url = `${this.site.url}${path}${queryText(call.query ?? {})}`;
    const { status, type, text } = await this.fetch(url, call);
    if (status >= 400) throw refusal(status, text, call.ifMissing);
    if (status === 204) return undefined as Body;
    const body = parseJson(text);
    if (!type.includes('json') || body === undefined)
      throw new Failure(
        'unexpected-answer',
        `${this.site.url} does not answer like a Signalbox api`,
        EXIT.failure,
        {
          next: 'check the url: signalbox context show',
        },
      );
    return body as Body;
  }

  private async fetch(url: string, call: Call): Promise<{ status: number; type: string; text: string }> {
    try {
      const response = await fetch(url, {
        method: call.method ?? 'GET',
        headers: {
          accept: 'application/json',
          ...(this.site.token !== '' && { authorization: `Bearer ${this.site.token}` }),
          ...call.headers,
        },
        ...(call.body !== undefined && { body: call.body }),
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      });
      const type = response.headers.get('content-type') ?? '';
      return { status: response.status, type, text: await response.text() };
    } catch (cause) {
      throw new Failure(
        'unreachable',
        `${this.site.url} cannot be reached: ${reasonOf(cause)}`,
        EXIT.unreachable,
        {
          retryable: true,
          cause,
        },
      );
    }
  }
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
