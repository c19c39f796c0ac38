import { CodedError } from '@signalbox/contracts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** How long ingest may take to answer. Milliseconds. */
const PROXY_MS = 15_000;

/** Headers of a request that ingest gets to see, besides those of CloudEvents (`ce-…`). */
const FORWARDED = ['authorization', 'content-type', 'traceparent', 'tracestate'];

/**
 * In services mode facts come in through `ingest`: hands `POST /v1/groups/:group/events` to it byte by byte, with the
 * caller's token, which ingest checks itself.
 */
export function proxyEvents(fastify: FastifyInstance, ingestUrl: string): void {
  void fastify.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) => parsed(null, body));
    scope.post('/v1/groups/:group/events', (request, reply) => forward(request, reply, ingestUrl));
    done();
  });
}

async function forward(
  request: FastifyRequest,
  reply: FastifyReply,
  ingestUrl: string,
): Promise<FastifyReply> {
  const { group } = request.params as { group: string };
  const url = new URL(`v1/groups/${encodeURIComponent(group)}/events`, withSlash(ingestUrl));
  const headers = Object.entries(request.headers).filter(
    (entry): entry is [string, string] =>
      typeof entry[1] === 'string' && (FORWARDED.includes(entry[0]) || entry[0].startsWith('ce-')),
  );
  const answer = await fetch(url, {
    method: 'POST',
    headers,
    signal: AbortSignal.timeout(PROXY_MS),
    ...(Buffer.isBuffer(request.body) && { body: new Uint8Array(request.body) }),
  })
    .then(async (response) => ({ response, body: Buffer.from(await response.arrayBuffer()) }))
    .catch((cause: unknown) => {
      throw new CodedError('not-ready', 'ingest does not answer: send the same fact again', [], { cause });
    });
  const { response, body } = answer;
  return reply
    .status(response.status)
    .header('content-type', response.headers.get('content-type') ?? 'application/json')
    .send(body);
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}
