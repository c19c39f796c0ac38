import { checkConfig, parseDocuments, type Resource } from '@signalbox/contracts';
import { configReport } from '../../../api/src/domain/doctor/config-report.js';
import type { DoctorReport, ReportWish } from '../../../api/src/domain/doctor/report.js';
import { joinDocuments, readDocuments } from '../apply/documents.js';
import { givenFiles } from '../apply/given-files.js';
import { locatedErrors } from '../apply/places.js';
import { contextVariables } from '../offline/given-config.js';
import type { Session } from '../session.js';

/** The report of files that no site runs: files are read only, and no site is asked. Throws what cannot be read at all. Q6. */
export async function fileReport(
  session: Session,
  files: readonly string[],
  variables: Readonly<Record<string, string>>,
  wish: ReportWish,
): Promise<DoctorReport> {
  const { terminal } = session;
  const given = await givenFiles(files, terminal.cwd, false);
  const filled = { ...contextVariables(session), ...variables };
  const documents = await readDocuments(given, filled, terminal);
  const text = joinDocuments(documents.map((document) => document.text));
  const verdict = checkConfig(text);
  if (verdict.outcome === 'ok') return configReport(verdict.resources, [], wish);
  const { errors, message } = verdict.error;
  const problems = errors.length > 0 ? locatedErrors(errors, documents) : [{ pointer: '/', message }];
  return configReport(looseResources(text), problems, wish);
}

/** What can be told apart in a text that is not valid. */
function looseResources(text: string): Resource[] {
  try {
    return parseDocuments(text).flatMap(({ resources }) => resources.filter(isLike));
  } catch {
    return [];
  }
}

function isLike(value: unknown): value is Resource {
  const { apiVersion, kind, metadata, spec } = Object(value) as Partial<Resource>;
  return (
    typeof apiVersion === 'string' &&
    typeof kind === 'string' &&
    typeof metadata?.name === 'string' &&
    typeof spec === 'object' &&
    spec !== null
  );
}
