import { EXIT } from '../exit-codes.js';
import { Failure } from '../failure.js';
import { pathOf } from '../rest-client.js';
import type { Session } from '../session.js';
import { jsonLines } from './json-lines.js';

/** The last line of an answer that broke off. */
interface BrokenOff {
  readonly error: { readonly code: string; readonly message: string };
}

/** Work that the site does with projections, told line by line. */
export interface FoldWork {
  readonly verb: 'verify' | 'rebuild';
  /** What was not reached when Ctrl-C ends it. */
  readonly undone: string;
  /** Default all. */
  readonly names: readonly string[];
}

/** The lines of the answer as they come. Throws a {@link Failure} when it breaks off. */
export async function* foldLines(
  session: Session,
  { verb, undone, names }: FoldWork,
): AsyncGenerator<object> {
  const { client, terminal } = session;
  const signal = terminal.interrupted();
  try {
    const pieces = await client.stream(
      pathOf('projections', verb),
      {
        method: 'POST',
        // what a rebuild writes it writes again; a dry run holds it back all the same
        changesNothing: verb === 'verify' || !session.isDryRun,
        query: { name: names.join(',') },
        ifMissing: 'signalbox projections list',
      },
      { type: 'application/x-ndjson', signal },
    );
    for await (const line of jsonLines(pieces)) {
      if (isBrokenOff(line)) {
        const { code, message } = line.error;
        throw new Failure(code, message, EXIT.failure, { retryable: true });
      }
      yield line as object;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new Failure('interrupted', `stopped before every projection was ${undone}`, EXIT.failure, {
      next: `signalbox projections ${verb}`,
    });
  }
}

function isBrokenOff(line: unknown): line is BrokenOff {
  return typeof line === 'object' && line !== null && 'error' in line;
}
