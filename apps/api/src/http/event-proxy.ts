import { Agent, type IncomingHttpHeaders, request as httpRequest } from 'node:http';
import { Agent as TlsAgent, request as httpsRequest } from 'node:https';
import { CodedError } from '@signalbox/contracts';
import { noteLetIn, TAKES_CLOUD_EVENTS } from '@signalbox/runtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** How long ingest may take to answer, milliseconds, and connections to it at once; more requests wait for one. */
const PROXY_BOUNDS = { answerMs: 15_000, connections: 256 } as const;

/** Headers of a request that ingest gets to see, besides those of CloudEvents (`ce-…`). */
const FORWARDED = ['authorization', 'content-type', 'traceparent', 'tracestate', 'idempotency-key'];

/** What ingest answers. */
interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: Buffer;
}

/**
 * In services mode facts come in through `ingest`: hands `POST /v1/groups/:group/events` to it byte by byte, with the
 * caller's token, which ingest checks itself.
 */
export function proxyEvents(fastify: FastifyInstance, ingestUrl: string): void {
  const ingest = new IngestLink(ingestUrl);
  fastify.addHook('onClose', () => ingest.close());
  void fastify.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) => parsed(null, body));
    const config = TAKES_CLOUD_EVENTS;
    scope.post('/v1/groups/:group/events', { config }, async (request, reply) =>
      forward(request, reply, ingest),
    );
    done();
  });
}

async function forward(
  request: FastifyRequest,
  reply: FastifyReply,
  ingest: IngestLink,
): Promise<FastifyReply> {
  const { group } = request.params as { group: string };
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const path = `v1/groups/${encodeURIComponent(group)}/events`;
  const { status, type, body: answer } = await ingest.post(path, forwardedOf(request.headers), body);
  if (status < 400) noteLetIn(request);
  return reply.status(status).header('content-type', type).send(answer);
}

function forwardedOf(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(
      (entry): entry is [string, string] =>
        typeof entry[1] === 'string' && (FORWARDED.includes(entry[0]) || entry[0].startsWith('ce-')),
    ),
  );
}

/** Kept connections to ingest. Of the platform's own clients this costs a request a third of what `fetch` does. */
class IngestLink {
  private readonly base: URL;
  private readonly agent: Agent;
  private readonly send: typeof httpRequest;

  constructor(ingestUrl: string) {
    this.base = new URL(ingestUrl.endsWith('/') ? ingestUrl : `${ingestUrl}/`);
    const isTls = this.base.protocol === 'https:';
    const kept = { keepAlive: true, maxSockets: PROXY_BOUNDS.connections };
    this.agent = isTls ? new TlsAgent(kept) : new Agent(kept);
    this.send = isTls ? httpsRequest : httpRequest;
  }

  /** Throws `not-ready` when there is no answer in time. */
  post(path: string, headers: Readonly<Record<string, string>>, body: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const fail = (cause: unknown): void =>
        reject(
          new CodedError('not-ready', 'ingest does not answer: send the same fact again', [], { cause }),
        );
      const out = this.send(new URL(path, this.base), {
        method: 'POST',
        agent: this.agent,
        headers: { ...headers, 'content-length': body.length },
      });
      const late = setTimeout(() => out.destroy(new Error('no answer in time')), PROXY_BOUNDS.answerMs);
      out.on('close', () => clearTimeout(late));
      out.on('error', fail);
      out.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 502,
            type: response.headers['content-type'] ?? 'application/json',
            body: Buffer.concat(chunks),
          }),
        );
      });
      out.end(body);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}
