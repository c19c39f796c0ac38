import type { FieldError } from '../../errors.js';
import { NON_BLANK, type Schema, shape, TEXT, wholeNumber } from '../../schema/shape.js';
import type { Kind } from '../kind.js';
import { checkReference } from '../reference.js';
import { specOf } from '../spec-of.js';
import { OF_THE_SITE, ORG } from './org.js';
import { PROJECT } from './project.js';
import { BALANCE_API } from './specs.js';
import { MOST_LIMIT, QUOTA_KINDS, type QuotaKind, type QuotaLimits, type QuotaSpec } from './tenant-specs.js';

const LIMITS = shape<QuotaLimits>(
  {},
  Object.fromEntries(QUOTA_KINDS.map((kind) => [kind, wholeNumber(0, MOST_LIMIT)])) as Record<
    QuotaKind,
    Schema
  >,
);

/** How many resources an org or a project may have; several Quotas of one hold all at once. ADR 0029. */
export const QUOTA: Kind = {
  apiVersion: BALANCE_API,
  kind: 'Quota',
  schema: shape<QuotaSpec>(
    { limits: { ...LIMITS, minProperties: 1 } },
    { description: TEXT, org: NON_BLANK, project: NON_BLANK },
  ),
  whyDefaultProject: OF_THE_SITE,
  isOfPeople: true,
  checkFields(resource) {
    return scopeErrors(specOf<QuotaSpec>(resource));
  },
  checkReferences(resource, lookup) {
    const { org, project } = specOf<QuotaSpec>(resource);
    return [
      ...checkReference('/spec/org', ORG, org, lookup),
      ...checkReference('/spec/project', PROJECT, project, lookup),
    ];
  },
};

function scopeErrors({ org, project }: QuotaSpec): readonly FieldError[] {
  if (org !== undefined && project !== undefined)
    return [{ pointer: '/spec/project', message: 'stands beside an org: name one of the two' }];
  if (org !== undefined || project !== undefined) return [];
  return [{ pointer: '/spec/org', message: 'is required, unless project names a Project' }];
}
