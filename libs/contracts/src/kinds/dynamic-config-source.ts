import { PLUGIN_API } from '../plugin-protocol.js';
import { listOf, oneOf, shape, text } from '../schema/shape.js';
import type { Kind } from './kind.js';
import { eventTriggersWait, TRIGGER, triggerErrors } from './plugin-triggers.js';
import type { DynamicConfigSourceSpec, MergePolicy } from './specs.js';
import { specOf } from './spec-of.js';

/**
 * A plugin that proposes dynamic config on its own account, each time a trigger starts it. Reference 2.6. The plugin may be
 * declared later: nothing runs until then.
 */
export const DYNAMIC_CONFIG_SOURCE: Kind = {
  apiVersion: PLUGIN_API,
  kind: 'DynamicConfigSource',
  schema: shape<DynamicConfigSourceSpec>(
    { pluginRef: text('resource-ref'), ttl: text('duration') },
    { mergePolicy: shape<MergePolicy>({}, { conflict: oneOf(['', 'reject']) }), triggers: listOf(TRIGGER) },
  ),
  checkFields(resource) {
    return triggerErrors(specOf<DynamicConfigSourceSpec>(resource).triggers);
  },
  withoutEffect(resource) {
    return eventTriggersWait(specOf<DynamicConfigSourceSpec>(resource).triggers);
  },
};
