import { CodedError, DEFAULT_PROJECT, readScopedName, scopedName } from '@signalbox/contracts';
import type { ProjectQuery } from '../http/project.query.js';

/** The scoped name of what a path names, in the project of its query. */
export function inProject({ project = DEFAULT_PROJECT }: ProjectQuery, name: string): string {
  return scopedName(project, name);
}

/** `not-found`: no such thing in its project; `list` is the noun under which the API lists them. */
export function noSuch(what: string, scoped: string, list: string): CodedError {
  const { project, name } = readScopedName(scoped);
  const [where, query] =
    project === DEFAULT_PROJECT ? ['', ''] : [` in project ${project}`, `?project=${project}`];
  return new CodedError(
    'not-found',
    `there is no ${what} ${name}${where}: GET /v1/${list}${query} lists what there is`,
  );
}
