import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { tellBrowsers } from './browser-headers.js';
import type { HttpSettings } from './http-settings.js';
import { answerNotModified } from './not-modified.js';
import { answerOtherMethods } from './other-methods.js';
import { RateLimits } from './rate-limits.js';
import { acceptBodies } from './request-bodies.js';

/**
 * What every request passes before a route sees it, the cheapest first: headers for browsers, rates, methods, bodies. Who is refused
 * here has cost no more than that. ADR 0048.
 */
export function answerAtTheEdge(app: NestFastifyApplication, settings: HttpSettings): void {
  const fastify = app.getHttpAdapter().getInstance();
  tellBrowsers(fastify, settings.corsOrigins);
  new RateLimits(settings).guard(fastify);
  answerOtherMethods(fastify);
  answerNotModified(fastify);
  acceptBodies(app);
}
