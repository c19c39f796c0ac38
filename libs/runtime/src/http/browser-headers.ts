import type { FastifyInstance } from 'fastify';
import { pathOf } from './problem.js';

/** Of every answer: nothing of ours is guessed at, framed or told to others. */
const EVERY_ANSWER = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
} as const;
/** Of answers that are data: no cache keeps what a token was needed for, and no browser runs any of it. */
const DATA_ANSWER = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
} as const;

const REQUEST_HEADERS = [
  ...['authorization', 'content-type', 'if-match', 'if-none-match', 'idempotency-key'],
  ...['last-event-id', 'traceparent', 'tracestate'],
];
const ANSWER_HEADERS = ['etag', 'location', 'retry-after', 'idempotency-replayed', 'allow'];
/** How long a browser may remember what it was allowed. Seconds. */
const PREFLIGHT_SECONDS = 600;

/**
 * Headers that tell browsers what to do with answers. Pages of `origins` (`*`: all) may read them; with the token in a header, never
 * with what the browser keeps by itself. Set on the raw answer, so that streams that write themselves have them as well.
 */
export function tellBrowsers(fastify: FastifyInstance, origins: readonly string[]): void {
  fastify.addHook('onRequest', (request, { raw }, done) => {
    const isData = /^\/v1(?:\/|$)/.test(pathOf(request.url));
    for (const [name, value] of Object.entries({ ...EVERY_ANSWER, ...(isData && DATA_ANSWER) }))
      raw.setHeader(name, value);
    if (origins.length > 0) {
      raw.setHeader('vary', 'Origin');
      const { origin } = request.headers;
      if (origin !== undefined && (origins.includes('*') || origins.includes(origin))) {
        raw.setHeader('access-control-allow-origin', origin);
        raw.setHeader('access-control-expose-headers', ANSWER_HEADERS.join(', '));
        if (request.method === 'OPTIONS') {
          raw.setHeader('access-control-allow-headers', REQUEST_HEADERS.join(', '));
          raw.setHeader('access-control-max-age', PREFLIGHT_SECONDS);
        }
      }
    }
    done();
  });
}
