import {
  DEFAULT_PROJECT,
  isOfKind,
  orgOf,
  PROJECT,
  QUOTA,
  type QuotaBook,
  refOf,
  type Resource,
} from '@signalbox/contracts';

/**
 * The projects whose use says whether quotas allow these resources: their own, and all of the orgs that own those. Empty when
 * nothing is limited. `default` is of no org and has no quota.
 */
export function quotaProjects(book: QuotaBook, given: readonly Resource[]): ReadonlySet<string> {
  if (!book.isLimiting && !given.some((one) => isOfKind(one, QUOTA))) return new Set();
  const projects = new Set<string>();
  const orgs = new Set<string>();
  for (const one of given) {
    const isProject = isOfKind(one, PROJECT);
    const project = isProject ? one.metadata.name : refOf(one).project;
    if (project !== DEFAULT_PROJECT) projects.add(project);
    if (isProject) orgs.add(orgOf(one));
  }
  for (const project of projects) {
    const owner = book.ownerOf(project);
    if (owner !== undefined) orgs.add(owner);
  }
  for (const org of orgs) for (const project of book.projectsOf(org)) projects.add(project);
  return projects;
}
