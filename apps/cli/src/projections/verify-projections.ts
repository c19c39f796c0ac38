import { EXIT } from '../exit-codes.js';
import { Failure } from '../failure.js';
import { dataText, type Format, isForPeople } from '../output/format.js';
import { pathOf } from '../rest-client.js';
import type { VerifiedProjection } from '../rest-shapes.js';
import type { Session } from '../session.js';
import { differencesText, verifiedText } from '../views/projection.view.js';
import { jsonLines } from './json-lines.js';

/** The last line of an answer that broke off. */
interface BrokenOff {
  readonly error: { readonly code: string; readonly message: string };
}

/** Prints what the site found; `ndjson` line by line as it comes. Exit code 1 when a projection differs. */
export async function verifyProjections(
  session: Session,
  names: readonly string[],
  format: Format,
): Promise<void> {
  const verified: VerifiedProjection[] = [];
  for await (const projection of linesOf(session, names)) {
    verified.push(projection);
    if (!projection.equal) session.exitCode = EXIT.failure;
    if (format === 'ndjson') session.print(await dataText(projection, format));
    else if (session.terminal.err.isTty)
      session.note(`${projection.name} ${projection.equal ? 'is equal' : 'differs'}`);
  }
  if (isForPeople(format)) session.print(`${verifiedText(verified, format)}${differencesText(verified)}`);
  else if (format !== 'ndjson') session.print(await dataText(verified, format));
}

async function* linesOf(session: Session, names: readonly string[]): AsyncGenerator<VerifiedProjection> {
  const { client, terminal } = session;
  const signal = terminal.interrupted();
  try {
    const pieces = await client.stream(
      pathOf('projections', 'verify'),
      {
        method: 'POST',
        changesNothing: true,
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
      yield line as VerifiedProjection;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new Failure('interrupted', 'stopped before every projection was verified', EXIT.failure, {
      next: 'signalbox projections verify',
    });
  }
}

function isBrokenOff(line: unknown): line is BrokenOff {
  return typeof line === 'object' && line !== null && 'error' in line;
}
