import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import { CodedError, sha256Hex, STREAMS } from '@signalbox/contracts';
import { streamCreated } from '@signalbox/store';

/**
 * Which site this is: the same for all its life, also after a restore, and no other site's. Taken from the creation
 * time of its journal (nanoseconds), the one thing that every site has exactly one of. It is no secret.
 */
@Injectable()
export class SiteIdentity {
  private known: string | undefined;

  constructor(private readonly bus: Bus) {}

  /** Resolves when the journal is there. */
  async read(): Promise<void> {
    const created = await streamCreated(this.bus, STREAMS.journal);
    this.known = `site-${sha256Hex(`${STREAMS.journal}\0${created}`).slice(0, 16)}`;
  }

  /** Throws `not-ready` when it was not read yet. */
  get siteId(): string {
    if (this.known === undefined)
      throw new CodedError('not-ready', 'the site is starting: ask again in a moment');
    return this.known;
  }
}
