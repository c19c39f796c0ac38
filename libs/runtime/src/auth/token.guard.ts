import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import {
  accessRefusal,
  type AskedRoute,
  CodedError,
  type ErrorCode,
  isForAnyone,
  type Principal,
} from '@signalbox/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { TICKET_ROUTE } from './accepts-ticket.decorator.js';
import { Callers } from './callers.js';
import { RefusedAttempts } from './refused-attempts.js';
import { StreamTickets } from './stream-tickets.js';

/** A request after the guard. */
export type AuthorizedRequest = FastifyRequest & { principal?: Principal };

/** Lets a request pass when `ACCESS_RULES` say so of its route and who calls. ADR 0046. */
@Injectable()
export class TokenGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly callers: Callers,
    private readonly tickets: StreamTickets,
    private readonly refused: RefusedAttempts,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const request = context.switchToHttp().getRequest<AuthorizedRequest>();
    const asked = routeOf(request);
    if (isForAnyone(asked)) return true;
    const principal = (await this.bearerOf(request)) ?? this.ticketHolder(context, request);
    if (!principal) {
      const reply = context.switchToHttp().getResponse<FastifyReply>();
      void reply.header('www-authenticate', challengeOf(request));
      const help = 'send "Authorization: Bearer sbx_…"; the first start of the site printed a token';
      throw this.refusal('unauthorized', help, request, asked);
    }
    request.principal = principal;
    const reason = accessRefusal(principal, asked);
    if (reason !== undefined) throw this.refusal('forbidden', reason, request, asked);
    return true;
  }

  private refusal(
    code: ErrorCode,
    message: string,
    { principal, ip }: AuthorizedRequest,
    { method, path }: AskedRoute,
  ): CodedError {
    this.refused.note({
      ...(principal && { subject: principal.subject }),
      ...{ address: ip, reason: code, route: `${method} ${path}` },
    });
    return new CodedError(code, message);
  }

  private async bearerOf({ headers }: FastifyRequest): Promise<Principal | undefined> {
    const [scheme, token] = (headers.authorization ?? '').split(' ');
    return scheme?.toLowerCase() === 'bearer' && token ? this.callers.find(token) : undefined;
  }

  private ticketHolder(context: ExecutionContext, { headers, query }: FastifyRequest): Principal | undefined {
    if (headers.authorization !== undefined) return undefined;
    if (!this.reflector.get<boolean>(TICKET_ROUTE, context.getHandler())) return undefined;
    const { ticket } = query as { ticket?: unknown };
    return typeof ticket === 'string' ? this.tickets.take(ticket) : undefined;
  }
}

/** The route that a request met, in the words of `ACCESS_RULES`. */
function routeOf({ method, routeOptions, params }: FastifyRequest): AskedRoute {
  const path = (routeOptions.url ?? '').replace(/:(\w+)/g, '{$1}');
  return { method, path, params: params as AskedRoute['params'] };
}

/** RFC 6750, section 3. */
function challengeOf({ headers }: FastifyRequest): string {
  const realm = 'Bearer realm="Signalbox"';
  return headers.authorization === undefined ? realm : `${realm}, error="invalid_token"`;
}
