import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  SetMetadata,
  type CustomDecorator,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { CodedError } from '@signalbox/contracts';
import type { FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';

const HONOURS_IF_MATCH = 'signalbox:if-match';
const READS = ['GET', 'HEAD'];

/** Of a route that compares `If-Match` with what stands. */
export function HonoursIfMatch(): CustomDecorator {
  return SetMetadata(HONOURS_IF_MATCH, true);
}

/** Refuses a change with `If-Match` where nothing would be compared with it: nobody shall believe that it was. ADR 0048. */
@Injectable()
export class IfMatchInterceptor implements NestInterceptor {
  constructor(private readonly reflector: Reflector) {}

  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle();
    const { method, headers } = context.switchToHttp().getRequest<FastifyRequest>();
    const isAsked = !READS.includes(method) && headers['if-match'] !== undefined;
    if (!isAsked || this.reflector.get<boolean>(HONOURS_IF_MATCH, context.getHandler())) return next.handle();
    throw new CodedError(
      'revision-conflict',
      'what this route changes has no ETag: send it without If-Match',
    );
  }
}
