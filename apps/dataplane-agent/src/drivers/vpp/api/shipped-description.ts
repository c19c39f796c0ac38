import { type ApiDescription, type ApiFile, describeApi } from './api-description.js';
import lb from './description/lb.api.json' with { type: 'json' };
import memclnt from './description/memclnt.api.json' with { type: 'json' };
import vlib from './description/vlib.api.json' with { type: 'json' };
import vpe from './description/vpe.api.json' with { type: 'json' };
import { NEEDED_MESSAGES } from './needed-messages.js';

/** The files as they lie in `description`; its README says where each is from. */
export const SHIPPED_FILES: readonly ApiFile[] = [memclnt, vpe, vlib, lb];

/** All messages of these files, some of which nobody needs but tests. */
export const SHIPPED_MESSAGES: readonly string[] = SHIPPED_FILES.flatMap(({ messages = [] }) =>
  messages.map(([name]) => String(name)),
);

/** The messages needed, as they come with this program, for a node whose VPP has no description of its own beside it. */
export function shippedDescription(): ApiDescription {
  return describeApi(SHIPPED_FILES, NEEDED_MESSAGES);
}
