import { goDurationMs } from '../duration.js';
import type { FieldError } from '../errors.js';
import { FACT_LIMITS } from '../fact.js';
import { isGroupName } from '../fact-grammar.js';
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

/** The facts that an event trigger is about. */
export interface FactTopic {
  readonly group: string;
  /** A type of facts, in which `*` stands for one token and `>` at the end for one or more. */
  readonly type: string;
}

const TOPIC_TOKEN = /^(?:[A-Za-z0-9_-]+|\*)$/;

/** The facts that a topic `events.<group>.<type…>` is about; undefined for every other topic, which no fact has. ADR 0037. */
export function factTopicOf(topic = ''): FactTopic | undefined {
  const [events, group = '', ...tokens] = topic.split('.');
  if (events !== 'events' || !isGroupName(group)) return undefined;
  const named = tokens.at(-1) === '>' ? tokens.slice(0, -1) : tokens;
  const type = tokens.join('.');
  const isWhole = tokens.length > 0 && tokens.length <= FACT_LIMITS.typeTokens;
  return isWhole && type.length <= FACT_LIMITS.typeLength && named.every((token) => TOPIC_TOKEN.test(token))
    ? { group, type }
    : undefined;
}

/** Topics whose facts start a plugin, each once, in their order. */
export function factTopicsOf(triggers: readonly PluginTrigger[] = []): readonly string[] {
  const topics = triggers.flatMap(({ type, topic = '' }) =>
    type === 'event' && factTopicOf(topic) ? [topic] : [],
  );
  return [...new Set(topics)];
}

/** Event triggers that nothing can start. */
export function eventTriggersWait(triggers: readonly PluginTrigger[] = []): readonly FieldError[] {
  return triggers.flatMap(({ type, topic }, at) =>
    type === 'event' && !factTopicOf(topic)
      ? [
          {
            pointer: `/spec/triggers/${at}/topic`,
            message: 'starts nothing: write events.<group>.<type>, in which * is one token and > the rest',
          },
        ]
      : [],
  );
}
