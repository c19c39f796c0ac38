import type { ErrorCode } from '@signalbox/contracts';

/**
 * What a process knows of the servers that it cannot do without. While one of them is away everything fails for that one
 * reason, which is in the log already: a failure that only says so again is not worth a line.
 */
export class Outages {
  private readonly known: {
    code: ErrorCode;
    causes: (error: unknown) => boolean;
    presence: Pick<Presence, 'upSinceMs'>;
  }[] = [];

  /** Adds a server. `causes` says whether an error comes from its being away, now or a moment ago. */
  add(
    code: ErrorCode,
    causes: (error: unknown) => boolean,
    presence: Pick<Presence, 'upSinceMs'> = new Presence(),
  ): void {
    this.known.push({ code, causes, presence });
  }

  /** Since when all of them have been there; undefined while one is away. Milliseconds since 1970. */
  get upSinceMs(): number | undefined {
    let latest = -Infinity;
    for (const { presence } of this.known) {
      const { upSinceMs } = presence;
      if (upSinceMs === undefined) return undefined;
      latest = Math.max(latest, upSinceMs);
    }
    return latest;
  }

  /** Code of the outage, told by the log, that an error or one of its causes comes from; undefined for all others. */
  explain(error: unknown): ErrorCode | undefined {
    for (let one = error, depth = 0; one !== undefined && depth < MOST_CAUSES; depth += 1) {
      const found = this.known.find(({ causes }) => causes(one));
      if (found) return found.code;
      one = one instanceof Error ? one.cause : undefined;
    }
    return undefined;
  }
}

const MOST_CAUSES = 5;

/**
 * For how long after its return a server still explains failures: requests that were on their way when it went wait this
 * long for their answers. Milliseconds.
 */
export const AFTERMATH_MS = 6000;

/** Whether a server is there, and since when. */
export class Presence {
  private isThere = true;
  private backAt = -Infinity;
  private sinceMs = Date.now();

  get isUp(): boolean {
    return this.isThere;
  }

  /** Notes a change; `false` when it was known. */
  note(isThere: boolean): boolean {
    if (this.isThere === isThere) return false;
    this.isThere = isThere;
    this.sinceMs = Date.now();
    if (isThere) this.backAt = performance.now();
    return true;
  }

  /** Since when it has been there, as far as this process knows; undefined while it is away. Milliseconds since 1970. */
  get upSinceMs(): number | undefined {
    return this.isThere ? this.sinceMs : undefined;
  }

  /** Whether it is away, or has been until a moment ago. */
  get isTroubled(): boolean {
    return !this.isThere || performance.now() - this.backAt < AFTERMATH_MS;
  }
}
