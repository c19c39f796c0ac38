import type { ErrorCode } from '@signalbox/contracts';

/**
 * What a process knows of the servers that it cannot do without. While one of them is away everything fails for that one
 * reason, which is in the log already: a failure that only says so again is not worth a line.
 */
export class Outages {
  private readonly known: { code: ErrorCode; causes: (error: unknown) => boolean }[] = [];

  /** Adds a server. `causes` says whether an error comes from its being away, now or a moment ago. */
  add(code: ErrorCode, causes: (error: unknown) => boolean): void {
    this.known.push({ code, causes });
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

  get isUp(): boolean {
    return this.isThere;
  }

  /** Notes a change; `false` when it was known. */
  note(isThere: boolean): boolean {
    if (this.isThere === isThere) return false;
    this.isThere = isThere;
    if (isThere) this.backAt = performance.now();
    return true;
  }

  /** Whether it is away, or has been until a moment ago. */
  get isTroubled(): boolean {
    return !this.isThere || performance.now() - this.backAt < AFTERMATH_MS;
  }
}
