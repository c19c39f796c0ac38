import { goDurationMs } from '../duration.js';
import type { FieldError } from '../errors.js';
import { oneOf, shape, TEXT, text } from '../schema/shape.js';
import type { PluginTrigger } from './specs.js';

/** One of `triggers`. Reference 2.5. */
export const TRIGGER = shape<PluginTrigger>(
  { type: oneOf(['interval', 'event']) },
  { every: text('go-duration'), topic: TEXT },
);

/** Shortest interval: a plugin that is to answer at once is started by facts. Milliseconds. */
const LEAST_EVERY_MS = 1000;

/** What is wrong with triggers that have the right form. P6. */
export function triggerErrors(triggers: readonly PluginTrigger[] = []): readonly FieldError[] {
  return triggers.flatMap(({ type, every }, at) => {
    if (type !== 'interval') return [];
    const pointer = `/spec/triggers/${at}/every`;
    const everyMs = goDurationMs(every);
    if (everyMs <= 0) return [{ pointer, message: 'must be above zero for an interval' }];
    return everyMs < LEAST_EVERY_MS ? [{ pointer, message: 'must be at least 1s' }] : [];
  });
}

/** Milliseconds between two runs: of several intervals the shortest; undefined without one. */
export function intervalOf(triggers: readonly PluginTrigger[] = []): number | undefined {
  const intervals = triggers.flatMap(({ type, every }) => (type === 'interval' ? [goDurationMs(every)] : []));
  return intervals.length === 0 ? undefined : Math.min(...intervals);
}

/** Facts start a plugin by a subscription, which says of which group they are. */
export function eventTriggersWait(triggers: readonly PluginTrigger[] = []): readonly FieldError[] {
  return triggers.flatMap(({ type }, at) =>
    type === 'event'
      ? [
          {
            pointer: `/spec/triggers/${at}`,
            message: 'starts nothing in this version: an EventSubscription starts a plugin for facts',
          },
        ]
      : [],
  );
}
