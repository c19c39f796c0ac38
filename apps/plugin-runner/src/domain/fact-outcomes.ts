import type { FactOutcome } from '@signalbox/contracts';
import {
  optionalList,
  optionalText,
  requiredObject,
  requiredText,
  requiredWord,
  type JsonObject,
} from './fields.js';
import type { Problems } from './problems.js';
import { shorten } from './short-text.js';

const OUTCOMES = ['applied', 'ignored', 'failed'] as const;

/**
 * What the plugin says about single facts: at most one outcome for each event of the request. Spec "Plugins".
 */
export function readOutcomes(
  document: JsonObject,
  status: JsonObject,
  eventIds: readonly string[],
  problems: Problems,
): FactOutcome[] {
  const open = new Set(eventIds);
  const known = new Set(eventIds);
  const places = [
    { list: document['outcomes'], pointer: '/outcomes' },
    { list: status['outcomes'], pointer: '/status/outcomes' },
  ];
  return places.flatMap(({ list, pointer }) =>
    optionalList(list, pointer, problems).flatMap((item, at) => {
      const here = `${pointer}/${at}`;
      const entry = requiredObject(item, here, problems);
      if (entry === undefined) return [];
      const eventId = requiredText(entry['eventId'], `${here}/eventId`, problems);
      const outcome = requiredWord(entry['outcome'], OUTCOMES, `${here}/outcome`, problems);
      const reason = optionalText(entry['reason'], `${here}/reason`, problems);
      if (eventId === undefined || outcome === undefined) return [];
      if (!known.has(eventId)) problems.add(`${here}/eventId`, 'must name an event of the request');
      else if (!open.delete(eventId)) problems.add(`${here}/eventId`, 'has an outcome already');
      return [{ eventId, outcome, ...(reason !== undefined && { reason: shorten(reason) }) }];
    }),
  );
}
