import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { CodedError } from '@signalbox/contracts';
import type { FastifyRequest } from 'fastify';
import { type Principal, TokenBook } from './token-book.js';
import { PUBLIC_ROUTE } from './public.decorator.js';
import { StreamTickets } from './stream-tickets.js';
import { TICKET_ROUTE } from './accepts-ticket.decorator.js';

/** A request after the guard. */
export type AuthorizedRequest = FastifyRequest & { principal?: Principal };

/** Refuses every HTTP route that is not public without a valid bearer token. */
@Injectable()
export class TokenGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: TokenBook,
    private readonly tickets: StreamTickets,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http') return true;
    if (this.reflector.getAllAndOverride<boolean>(PUBLIC_ROUTE, [context.getHandler(), context.getClass()]))
      return true;
    const request = context.switchToHttp().getRequest<AuthorizedRequest>();
    const principal = this.bearerOf(request) ?? this.ticketHolder(context, request);
    if (!principal) {
      throw new CodedError(
        'unauthorized',
        'send "Authorization: Bearer sbx_…"; the first start of the site printed a token',
      );
    }
    request.principal = principal;
    return true;
  }

  private bearerOf({ headers }: FastifyRequest): Principal | undefined {
    const [scheme, token] = (headers.authorization ?? '').split(' ');
    return scheme?.toLowerCase() === 'bearer' && token ? this.tokens.find(token) : undefined;
  }

  private ticketHolder(context: ExecutionContext, { headers, query }: FastifyRequest): Principal | undefined {
    if (headers.authorization !== undefined) return undefined;
    if (!this.reflector.get<boolean>(TICKET_ROUTE, context.getHandler())) return undefined;
    const { ticket } = query as { ticket?: unknown };
    return typeof ticket === 'string' ? this.tickets.take(ticket) : undefined;
  }
}
