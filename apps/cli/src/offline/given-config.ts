import { checkConfig, type Resource } from '@signalbox/contracts';
import { joinDocuments, readDocuments, variablesOf } from '../apply/documents.js';
import { givenFiles } from '../apply/given-files.js';
import { locatedErrors } from '../apply/places.js';
import { EXIT } from '../exit-codes.js';
import { Failure } from '../failure.js';
import type { Session } from '../session.js';

/** What the context says about `${variables}`. Nothing needs a site here, so one that is missing or broken matters only when it was asked for. */
export function contextVariables(session: Session): Readonly<Record<string, string>> {
  try {
    return variablesOf(session.site);
  } catch (error) {
    if (error instanceof Failure && session.flags.context === undefined) return {};
    throw error;
  }
}

/** The resources of files, checked as an apply to an empty site checks them. Throws what is wrong, with its places. */
export async function readConfig(
  session: Session,
  files: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<readonly Resource[]> {
  const { terminal } = session;
  const given = await givenFiles(files, terminal.cwd, false);
  const documents = await readDocuments(given, { ...contextVariables(session), ...variables }, terminal);
  const verdict = checkConfig(joinDocuments(documents.map(({ text }) => text)));
  if (verdict.outcome === 'ok') return verdict.resources;
  const { code, message, errors } = verdict.error;
  throw new Failure(code, `${given.join(', ')}: ${message}`, EXIT.failure, {
    errors: locatedErrors(errors, documents),
    cause: verdict.error,
  });
}
