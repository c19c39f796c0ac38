import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { CodedError } from '@signalbox/contracts';
import type { FastifyRequest } from 'fastify';
import { type Principal, TokenBook } from './token-book.js';
import { PUBLIC_ROUTE } from './public.decorator.js';

/** A request after the guard. */
export type AuthorizedRequest = FastifyRequest & { principal?: Principal };

/** Refuses every HTTP route that is not public without a valid bearer token. */
@Injectable()
export class TokenGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: TokenBook,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http') return true;
    if (this.reflector.getAllAndOverride<boolean>(PUBLIC_ROUTE, [context.getHandler(), context.getClass()]))
      return true;
    const request = context.switchToHttp().getRequest<AuthorizedRequest>();
    const [scheme, token] = (request.headers.authorization ?? '').split(' ');
    const principal = scheme?.toLowerCase() === 'bearer' && token ? this.tokens.find(token) : undefined;
    if (!principal) {
      throw new CodedError(
        'unauthorized',
        'send "Authorization: Bearer sbx_…"; the first start of the site printed a token',
      );
    }
    request.principal = principal;
    return true;
  }
}
