import { type Schema, shape } from '../schema/shape.js';
import type { ChangeOrigin } from './principal.js';

/** Most characters of each member of a {@link ChangeOrigin}. */
export const ORIGIN_LIMITS = { subject: 512, address: 64, agent: 200 } as const;

/** A {@link ChangeOrigin} in records and requests. What cannot be stored in a table is refused. */
export const CHANGE_ORIGIN: Schema = shape<ChangeOrigin>(
  { subject: bounded(ORIGIN_LIMITS.subject) },
  { address: bounded(ORIGIN_LIMITS.address), agent: bounded(ORIGIN_LIMITS.agent) },
);

function bounded(maxLength: number): Schema {
  return { type: 'string', format: 'storable', maxLength };
}
