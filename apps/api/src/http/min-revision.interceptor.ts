import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { CodedError } from '@signalbox/contracts';
import type { FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { Consequences } from '../changes/consequences.js';

const NAME = 'minRevision';

/**
 * `?minRevision=` of every read: waits until what follows from a revision can be read, as the answer of an apply does, so that who
 * has seen a change elsewhere sees it here. Throws `not-ready` when that takes too long. ADR 0048.
 */
@Injectable()
export class MinRevisionInterceptor implements NestInterceptor {
  constructor(private readonly consequences: Consequences) {}

  async intercept(context: ExecutionContext, next: CallHandler<unknown>): Promise<Observable<unknown>> {
    if (context.getType() !== 'http') return next.handle();
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const query = request.query as Record<string, unknown>;
    if (request.method !== 'GET' || !(NAME in query)) return next.handle();
    const { [NAME]: given, ...others } = query;
    request.query = others;
    const revision = revisionOf(given);
    const late = await this.consequences.ofChangeset(revision);
    if (late.length === 0) return next.handle();
    throw new CodedError(
      'not-ready',
      `revision ${revision} cannot be read yet, ${late.join(', ')} did not follow: read again`,
    );
  }
}

function revisionOf(given: unknown): number {
  if (typeof given === 'string' && /^\d{1,15}$/.test(given)) return Number(given);
  const message = 'must be a revision, a whole number';
  throw new CodedError('validation-failed', `/${NAME} ${message}`, [{ pointer: `/${NAME}`, message }]);
}
