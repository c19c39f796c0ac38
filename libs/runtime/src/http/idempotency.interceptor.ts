import {
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import { CodedError, sha256Hex } from '@signalbox/contracts';
import { type KeptAnswer, KeptAnswers } from '@signalbox/store';
import { Reflector } from '@nestjs/core';
import type { FastifyReply } from 'fastify';
import { lastValueFrom, type Observable, of } from 'rxjs';
import { DataSource } from 'typeorm';
import type { AuthorizedRequest } from '../auth/token.guard.js';
import { Clock } from '../clock.js';
import { LOG, type Log } from '../log.js';
import { pathOf } from './problem.js';
import { SECRET_ANSWER } from './secret-answer.js';

const HEADER = 'idempotency-key';
const KEY = /^[\x20-\x7e]{1,255}$/;
/** Headers of an answer that are part of it. */
const KEPT_HEADERS = ['etag', 'location'];

/** A request that is being carried out. */
interface Running {
  readonly request: string;
  readonly answer: Promise<KeptAnswer>;
}

/**
 * Carries a POST with an Idempotency-Key out once: the same request again, also at the same time and after a restart, gets the first
 * answer with `Idempotency-Replayed: true`. A request that is refused has changed nothing, so its key is free again. ADR 0048.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  private readonly running = new Map<string, Running>();
  private readonly kept: KeptAnswers;

  constructor(
    dataSource: DataSource,
    private readonly reflector: Reflector,
    private readonly clock: Clock,
    @Inject(LOG) private readonly log: Log,
  ) {
    this.kept = new KeptAnswers(dataSource);
  }

  async intercept(context: ExecutionContext, next: CallHandler<unknown>): Promise<Observable<unknown>> {
    if (context.getType() !== 'http') return next.handle();
    const http = context.switchToHttp();
    const request = http.getRequest<AuthorizedRequest>();
    const key = request.headers[HEADER];
    if (key === undefined || request.method !== 'POST') return next.handle();
    if (typeof key !== 'string' || !KEY.test(key))
      throw new CodedError('bad-request', 'Idempotency-Key must be 1-255 printable ASCII characters');
    const isSecret = this.reflector.get<boolean>(SECRET_ANSWER, context.getHandler());
    return this.once({ ...digestsOf(request, key), isSecret }, next, http.getResponse<FastifyReply>());
  }

  private async once(
    { id, request, isSecret }: Digests & { readonly isSecret: boolean },
    next: CallHandler<unknown>,
    reply: FastifyReply,
  ): Promise<Observable<unknown>> {
    const running = this.running.get(id);
    if (running && running.request !== request) throw keyReused();
    if (running) return replay(await running.answer, reply);
    let isReplay = true;
    let body: unknown;
    const answer = this.answerOf(id, request, async () => {
      isReplay = false;
      body = await lastValueFrom(next.handle(), { defaultValue: undefined });
      return answerFrom(reply, isSecret ? undefined : JSON.stringify(body ?? null));
    });
    this.running.set(id, { request, answer });
    try {
      const given = await answer;
      return isReplay ? replay(given, reply) : of(body);
    } finally {
      this.running.delete(id);
    }
  }

  private async answerOf(
    id: string,
    request: string,
    carryOut: () => Promise<KeptAnswer>,
  ): Promise<KeptAnswer> {
    const found = await this.kept.claim(id, request, this.clock.now());
    if (found.state === 'taken') throw keyReused();
    if (found.state === 'answered') return found.answer;
    // open: whoever began it is no longer there, and what it did cannot be done twice by the same request
    let answer: KeptAnswer;
    try {
      answer = await carryOut();
    } catch (error) {
      await this.remember(() => this.kept.release(id));
      throw error;
    }
    await this.remember(() => this.kept.keep(id, request, answer, this.clock.now()));
    return answer;
  }

  /** What was done is answered as done, whatever becomes of the table. */
  private async remember(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (err) {
      this.log.warn({ err }, 'the answer to a request with an Idempotency-Key is not kept');
    }
  }
}

interface Digests {
  /** Of the caller and the key. */
  readonly id: string;
  /** Of all that the request asks for. */
  readonly request: string;
}

function digestsOf(request: AuthorizedRequest, key: string): Digests {
  const caller = request.principal?.subject ?? '';
  const query = request.raw.url?.slice(pathOf(request.raw.url).length) ?? '';
  return {
    id: sha256Hex(JSON.stringify([caller, key])),
    request: sha256Hex(JSON.stringify([pathOf(request.url), query, request.body ?? null])),
  };
}

function answerFrom(reply: FastifyReply, body: string | undefined): KeptAnswer {
  const headers = KEPT_HEADERS.flatMap((name) => {
    const value = reply.getHeader(name);
    return value === undefined ? [] : [[name, String(value)] as const];
  });
  return {
    status: reply.statusCode,
    headers: Object.fromEntries(headers),
    ...(body !== undefined && { body }),
  };
}

function replay(answer: KeptAnswer, reply: FastifyReply): Observable<unknown> {
  if (answer.body === undefined)
    throw new CodedError(
      'answer-not-kept',
      'the request was carried out before, and its answer is secret or was too large to keep: read what stands now',
    );
  void reply.status(answer.status).headers(answer.headers).header('idempotency-replayed', 'true');
  return of(JSON.parse(answer.body));
}

function keyReused(): CodedError {
  return new CodedError(
    'key-reused',
    'the Idempotency-Key was sent with another request within 24 h: take a new key for another request',
  );
}
