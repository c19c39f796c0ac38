import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import {
  CodedError,
  formatTime,
  isTimestamp,
  SUBJECTS,
  timestampMs,
  type TokenRecord,
} from '@signalbox/contracts';
import { Clock, createToken, type KnownToken, TokenBook, type TokenRights } from '@signalbox/runtime';
import type { Author } from '../http/author.js';
import type { NewTokenDto, TokenBody, TokenDto } from './tokens.dto.js';

/** Most tokens that are not revoked; more are refused. */
const MAX_TOKENS = 1000;

/** How long a change of a token waits until this process knows it, and how often it looks. Milliseconds. */
const FOLLOW = { waitMs: 5000, lookMs: 5 } as const;

/** Makes, replaces and revokes tokens: records of `journal.token`, which every service follows. ADR 0046. */
@Injectable()
export class Tokens {
  constructor(
    private readonly bus: Bus,
    private readonly clock: Clock,
    private readonly book: TokenBook,
  ) {}

  /** All that are not revoked, by id. */
  list(): TokenDto[] {
    return this.book.list().map((token) => this.shown(token));
  }

  /** Throws `validation-failed`, and `not-ready` when there are too many. */
  async create(body: TokenBody, author: Author): Promise<NewTokenDto> {
    return this.made(this.rightsOf(body), author);
  }

  /** A new token with the same rights; the old one ends at once. Throws `not-found`. */
  async rotate(id: string, author: Author): Promise<NewTokenDto> {
    const { name, role, scope, emits, expiresAt } = this.found(id);
    const rights = {
      ...{ name, role },
      ...(scope && { scope }),
      ...(emits && { emits }),
      ...(expiresAt !== undefined && { expiresAt }),
    };
    const made = await this.made(rights, author);
    await this.revoke(id, author);
    return made;
  }

  /** Its open streams end with it. Throws `not-found`. */
  async revoke(id: string, author: Author): Promise<void> {
    this.found(id);
    await this.append({ type: 'revoked', id, at: formatTime(this.clock.now()), ...author });
    await this.follow(() => this.book.get(id) === undefined);
  }

  private async made(rights: TokenRights, author: Author): Promise<NewTokenDto> {
    if (this.book.size >= MAX_TOKENS)
      throw new CodedError('not-ready', `there are ${MAX_TOKENS} tokens already: revoke some first`);
    const { token, record } = createToken(rights, this.clock.now());
    await this.append({ ...record, ...author });
    await this.follow(() => this.book.get(record.id) !== undefined);
    return { ...this.shown(record), token };
  }

  private rightsOf({ name, role = 'viewer', orgs, projects, emits, expiresAt }: TokenBody): TokenRights {
    if (expiresAt !== undefined && (!isTimestamp(expiresAt) || timestampMs(expiresAt) <= this.clock.now()))
      throw invalid('/expiresAt', 'must be a time to come such as 2099-01-31T00:00:00Z');
    if (emits && (emits.length === 0 || orgs || projects || role !== 'viewer'))
      throw invalid('/emits', 'must name a group, and goes with neither role, orgs nor projects');
    const isScoped = orgs !== undefined || projects !== undefined;
    if (isScoped && role === 'admin') throw invalid('/role', 'must not be admin with orgs or projects');
    return {
      ...{ name, role },
      ...(isScoped && { scope: { orgs: orgs ?? [], projects: projects ?? [] } }),
      ...(emits && { emits }),
      ...(expiresAt !== undefined && { expiresAt: formatTime(timestampMs(expiresAt)) }),
    };
  }

  private found(id: string): KnownToken {
    const token = this.book.get(id);
    if (token) return token;
    throw new CodedError('not-found', `there is no token ${id}: GET /v1/tokens lists what there is`);
  }

  private shown({ id, name, role, scope, emits, at, expiresAt }: KnownToken): TokenDto {
    const usedMs = this.book.lastUsedMs(id);
    return {
      ...{ id, name, role, ...scope, createdAt: at },
      ...(emits && { emits }),
      ...(expiresAt !== undefined && { expiresAt }),
      ...(usedMs !== undefined && { lastUsedAt: formatTime(usedMs) }),
    };
  }

  private async append(record: TokenRecord): Promise<void> {
    await this.bus.publisher.publishJson(SUBJECTS.token, record, { msgId: randomUUID() });
  }

  /** The record is stored; a process that is late is no reason to say that it is not. */
  private async follow(isKnown: () => boolean): Promise<void> {
    const deadline = performance.now() + FOLLOW.waitMs;
    while (!isKnown() && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, FOLLOW.lookMs));
  }
}

function invalid(pointer: string, message: string): CodedError {
  return new CodedError('validation-failed', `${pointer} ${message}`, [{ pointer, message }]);
}
