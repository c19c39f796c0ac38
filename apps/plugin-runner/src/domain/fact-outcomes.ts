import type { ErrorBody, FactOutcome } from '@signalbox/contracts';
import {
  optionalList,
  optionalText,
  requiredObject,
  requiredText,
  requiredWord,
  type JsonObject,
} from './fields.js';
import type { Problems } from './problems.js';
import type { Redaction } from './redaction.js';
import { shorten } from './short-text.js';

const OUTCOMES = ['applied', 'ignored', 'failed'] as const;

/**
 * What the plugin says about single facts, without secrets: at most one outcome for each event of the request. Spec "Plugins".
 */
export function readOutcomes(
  document: JsonObject,
  status: JsonObject,
  { eventIds, redaction }: { readonly eventIds: readonly string[]; readonly redaction: Redaction },
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
      return [{ eventId, outcome, ...(reason !== undefined && { reason: shorten(redaction.text(reason)) }) }];
    }),
  );
}

/**
 * Why a run failed of which the plugin says that every fact failed: then nothing of it is applied (S20). `facts`: how many it was
 * given.
 */
export function failureOfAll(outcomes: readonly FactOutcome[], facts: number): ErrorBody | undefined {
  const failed = outcomes.filter(({ outcome }) => outcome === 'failed');
  const [first] = failed;
  if (!first || failed.length < facts) return undefined;
  const message = first.reason ?? `the plugin said without a reason that event ${first.eventId} failed`;
  return { code: 'plugin-exit', message };
}
