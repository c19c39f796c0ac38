import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Bus, getFirst } from '@signalbox/bus';
import { CodedError, STREAMS, SUBJECTS } from '@signalbox/contracts';

/** Hex digits of an identity. */
const DIGITS = 32;

/**
 * Which site this is: made from the first changeset of its journal, which is there for ever and holds a random id.
 * The same in every process, after a restart, and after the journal was restored; tokens are valid where it is.
 */
@Injectable()
export class SiteIdentity {
  private known: string | undefined;

  constructor(private readonly bus: Bus) {}

  /** To be called once the journal has its first changeset. */
  async learn(): Promise<string> {
    const first = await getFirst(this.bus, STREAMS.journal, SUBJECTS.resources);
    if (!first) throw new CodedError('not-ready', 'the journal has no changeset yet: try again later');
    const hash = createHash('sha256').update(`${first.headers?.get('Nats-Msg-Id') ?? ''}\n`);
    this.known = hash.update(first.data).digest('hex').slice(0, DIGITS);
    return this.known;
  }

  /** Throws `not-ready` while the site is starting. */
  get siteId(): string {
    if (this.known === undefined) throw new CodedError('not-ready', 'the site is starting: try again later');
    return this.known;
  }
}
