import type { FieldError } from '../../errors.js';
import { FORMATS } from '../../schema/formats.js';
import { shape, TEXT } from '../../schema/shape.js';
import type { Kind } from '../kind.js';
import { BALANCE_API } from './specs.js';
import type { OrgSpec } from './tenant-specs.js';

/** Why kinds about tenants come from people only, and stand outside of what tenants have. */
export const OF_THE_SITE = 'tenants are the business of the whole site';

/** A tenant. What belongs to it says Project. ADR 0029. */
export const ORG: Kind = {
  apiVersion: BALANCE_API,
  kind: 'Org',
  schema: shape<OrgSpec>({}, { description: TEXT }),
  whyDefaultProject: OF_THE_SITE,
  isOfPeople: true,
  checkName: labelErrors,
};

/** Names of orgs and projects stand in URLs and subjects as they are. */
export function labelErrors(name: string): readonly FieldError[] {
  const { test, expected } = FORMATS.project;
  return test(name) ? [] : [{ pointer: '/metadata/name', message: expected }];
}
