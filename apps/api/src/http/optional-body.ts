import { applyDecorators, type Type } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiBody } from '@nestjs/swagger';
import type { FastifyContextConfig, FastifyInstance } from 'fastify';

/** Of a route that works without a body as well. */
export function OptionalBody(dto: Type): MethodDecorator {
  return applyDecorators(ApiBody({ type: dto, required: false }), RouteConfig({ optionalBody: true }));
}

/** Many clients name a content type even when they send nothing, which Fastify takes for broken JSON. */
export function acceptNoBody(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    const config: FastifyContextConfig & { optionalBody?: boolean } = request.routeOptions.config;
    if (config.optionalBody === true && request.headers['content-length'] === '0') {
      delete request.raw.headers['content-type'];
    }
    done();
  });
}
