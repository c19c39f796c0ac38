import { EXIT } from '../exit-codes.js';
import { dataText, type Format, isForPeople } from '../output/format.js';
import type { VerifiedProjection } from '../rest/answers.js';
import type { Session } from '../session.js';
import { differencesText, verifiedText } from '../views/projection.view.js';
import { foldLines } from './fold-lines.js';

/** Prints what the site found; `ndjson` line by line as it comes. Exit code 1 when a projection differs. */
export async function verifyProjections(
  session: Session,
  names: readonly string[],
  format: Format,
): Promise<void> {
  const verified: VerifiedProjection[] = [];
  for await (const line of foldLines(session, { verb: 'verify', undone: 'verified', names })) {
    const projection = line as VerifiedProjection;
    verified.push(projection);
    if (!projection.equal) session.exitCode = EXIT.failure;
    if (format === 'ndjson') session.print(await dataText(projection, format));
    else if (session.terminal.err.isTty)
      session.note(`${projection.name} ${projection.equal ? 'is equal' : 'differs'}`);
  }
  if (isForPeople(format))
    session.print(`${verifiedText(verified, session.tableStyle(format))}${differencesText(verified)}`);
  else if (format !== 'ndjson') session.print(await dataText(verified, format));
}
