import { DEFAULT_PROJECT, type Resource } from '../../resource.js';
import { NON_BLANK, shape, TEXT } from '../../schema/shape.js';
import type { Kind } from '../kind.js';
import { checkReference } from '../reference.js';
import { specOf } from '../spec-of.js';
import { labelErrors, OF_THE_SITE, ORG } from './org.js';
import { BALANCE_API } from './specs.js';
import type { ProjectSpec } from './tenant-specs.js';

/**
 * Gives the project of its name to an org. A project that nobody declares is of no org and works all the same; `default`
 * cannot be given away, because what serves all projects stands there. ADR 0029.
 */
export const PROJECT: Kind = {
  apiVersion: BALANCE_API,
  kind: 'Project',
  schema: shape<ProjectSpec>({ org: NON_BLANK }, { description: TEXT }),
  whyDefaultProject: OF_THE_SITE,
  isOfPeople: true,
  checkName: (name) =>
    name === DEFAULT_PROJECT
      ? [{ pointer: '/metadata/name', message: 'must not be default: that project is the site itself' }]
      : labelErrors(name),
  checkReferences: (resource, lookup) =>
    checkReference('/spec/org', ORG, specOf<ProjectSpec>(resource).org, lookup),
};

/** The org that owns what a Project declares. */
export function orgOf(project: Resource): string {
  return specOf<ProjectSpec>(project).org;
}
