import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import { isOfNats, type Outages } from '@signalbox/bus';
import { CodedError, type ErrorCode } from '@signalbox/contracts';
import { isUnavailable } from '@signalbox/store';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { NatsError } from 'nats';
import type { Log } from '../log.js';
import { pathOf, PROBLEM_TYPE, problemOf } from './problem.js';

const CODE_OF_STATUS: Record<number, ErrorCode> = {
  400: 'validation-failed',
  404: 'not-found',
  413: 'too-large',
  414: 'url-too-long',
  415: 'unsupported-media-type',
};

/** What the answer of a status says besides, where nobody has said it already: how to come in, and when to come again. */
const HINTS: Partial<Record<number, readonly [string, string]>> = {
  401: ['www-authenticate', 'Bearer realm="signalbox"'],
  503: ['retry-after', '1'],
};

/** Turns whatever a route throws into a problem document; defects are logged here, once, with the route. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly log: Log,
    private readonly outages: Outages,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const coded = this.toCoded(error, request);
    const hint = HINTS[coded.status];
    if (hint && !reply.hasHeader(hint[0])) void reply.header(...hint);
    void reply
      .status(coded.status)
      .header('content-type', PROBLEM_TYPE)
      .send(JSON.stringify(problemOf(coded, request.url)));
  }

  private toCoded(error: unknown, request: FastifyRequest): CodedError {
    if (error instanceof CodedError) return error;
    const away = unavailable(error);
    if (away) {
      if (!this.outages.explain(error))
        this.log.warn(
          { reason: String(error), method: request.method, path: pathOf(request.url) },
          away.message,
        );
      return away;
    }
    const status =
      error instanceof HttpException ? error.getStatus() : (error as { statusCode?: number }).statusCode;
    const code = status === undefined ? undefined : CODE_OF_STATUS[status];
    if (code !== undefined) return new CodedError(code, (error as Error).message);
    this.log.error({ err: error, method: request.method, path: pathOf(request.url) }, 'a request failed');
    return new CodedError('internal', 'see the log of the service', [], { cause: error });
  }
}

/** A server that is away for a moment is no defect: the same request may work later. */
function unavailable(error: unknown): CodedError | undefined {
  if (error instanceof HttpException) return undefined;
  if (error instanceof NatsError) {
    if (!isOfNats(error)) return undefined;
    const { api_error: said } = error;
    const message = said ? `JetStream cannot do this now: ${said.description}` : 'NATS does not answer';
    return new CodedError('nats-unavailable', message, [], { cause: error });
  }
  return isUnavailable(error)
    ? new CodedError('store-unavailable', 'Postgres does not answer', [], { cause: error })
    : undefined;
}
