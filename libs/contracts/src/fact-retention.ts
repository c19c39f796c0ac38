import { goDurationMs } from './duration.js';
import type { EventGroupSpec } from './kinds/specs.js';

/** How long facts are kept: counted, and by age since they arrived. Undefined: without that bound. */
export interface Retention {
  readonly maxAgeMs?: number;
  readonly maxEvents?: number;
}

/** What a group asks for, where it says nothing as the site does. 0 and below: without that bound (reference 2.1). */
export function retentionOf({ retention }: Pick<EventGroupSpec, 'retention'>, site: Retention): Retention {
  const { maxAge, maxEvents } = retention ?? {};
  const maxAgeMs = maxAge === undefined || maxAge === '' ? site.maxAgeMs : goDurationMs(maxAge);
  const most = maxEvents ?? site.maxEvents;
  return {
    ...(maxAgeMs !== undefined && maxAgeMs > 0 && { maxAgeMs }),
    ...(most !== undefined && most > 0 && { maxEvents: most }),
  };
}
