import { CodedError } from '@signalbox/contracts';
import type { FastifyInstance } from 'fastify';
import { KnownRoutes } from './domain/known-routes.js';
import { pathOf } from './problem.js';

/**
 * Answers OPTIONS, and refuses a method that a path does not take by name: 405 with `Allow` (RFC 9110 section 15.5.6). To be called
 * before the routes are made.
 */
export function answerOtherMethods(fastify: FastifyInstance): void {
  const routes = new KnownRoutes();
  fastify.addHook('onRoute', ({ url, method }) => routes.add(url, [method].flat()));
  fastify.addHook('onRequest', (request, reply, done) => {
    const methods = request.is404 ? routes.methodsOf(pathOf(request.url)) : [];
    if (methods.length === 0) return done();
    const allowed = methods.join(', ');
    void reply.header('allow', allowed);
    if (request.method !== 'OPTIONS')
      return done(
        new CodedError(
          'method-not-allowed',
          `${pathOf(request.url)} does not take ${request.method}: send ${allowed}`,
        ),
      );
    if (reply.raw.hasHeader('access-control-allow-origin'))
      void reply.header('access-control-allow-methods', allowed);
    void reply.status(204).send();
  });
}
