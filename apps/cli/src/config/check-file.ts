import { checkConfig, type Resource } from '@signalbox/contracts';
import { joinDocuments, readDocuments } from '../apply/documents.js';
import { locatedErrors } from '../apply/places.js';
import { fileName } from '../apply/read-text.js';
import { CONFIG_CHECK_EXIT } from '../exit-codes.js';
import { Failure } from '../failure.js';
import { contextVariables } from '../offline/given-config.js';
import type { Session } from '../session.js';

/**
 * Checks a file on its own and prints what it declares; what it hardly means goes to stderr.
 * Throws a Failure whose exit code tells a parse error from a semantic one.
 */
export async function checkFile(
  session: Session,
  file: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<void> {
  const filled = { ...contextVariables(session), ...variables };
  const documents = await readDocuments([file], filled, session.terminal);
  const verdict = checkConfig(joinDocuments(documents.map(({ text }) => text)));
  const name = fileName(file);
  if (verdict.outcome !== 'ok') {
    const { code, message, errors } = verdict.error;
    throw new Failure(code, `${name}: ${message}`, CONFIG_CHECK_EXIT[verdict.outcome], {
      errors: locatedErrors(errors, documents),
      cause: verdict.error,
      next: `correct ${name} and check it again`,
    });
  }
  for (const { pointer, message } of locatedErrors(verdict.warnings, documents))
    session.warn(`${pointer}: ${message}`);
  session.print(`${name}: ok: ${countsText(verdict.resources)}\n`);
}

/** `2 healthchecks, 3 backends, 1 frontend`, in the order of the file. */
function countsText(resources: readonly Resource[]): string {
  const counts = new Map<string, number>();
  for (const { kind } of resources) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const texts = Array.from(
    counts,
    ([kind, count]) => `${count} ${kind.toLowerCase()}${count === 1 ? '' : 's'}`,
  );
  return texts.length === 0 ? 'nothing is declared' : texts.join(', ');
}
