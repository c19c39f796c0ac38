import type { FastifyInstance } from 'fastify';
import { namesTag } from './domain/entity-tag.js';

/** Answers a read with 304 and no body when its client has that version already (RFC 9110 section 13.1.2). */
export function answerNotModified(fastify: FastifyInstance): void {
  fastify.addHook('onSend', (request, reply, payload, done) => {
    const known = request.headers['if-none-match'];
    const tag = reply.getHeader('etag');
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (
      !isRead ||
      known === undefined ||
      typeof tag !== 'string' ||
      reply.statusCode !== 200 ||
      !namesTag(known, tag)
    )
      return done(null, payload);
    void reply.status(304).removeHeader('content-length').removeHeader('content-type');
    done(null, null);
  });
}
