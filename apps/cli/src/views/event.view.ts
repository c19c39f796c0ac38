import { cellText } from '../output/cell.js';
import { detailsText } from '../output/details.js';
import type { Column } from '../output/table.js';
import type { DeliveryItem, EmitAnswer, EventItem } from '../rest/answers.js';

/** Reference 9.5. */
export const EVENT_COLUMNS: readonly Column<EventItem>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'GROUP', rank: 4, value: ({ group }) => group },
  { title: 'SOURCE', rank: 3, value: ({ sourceNode }) => sourceNode },
  { title: 'TYPE', cut: 'start', value: ({ type }) => type },
  { title: 'SUBJECT', rank: 0, value: ({ subject }) => subject },
  { title: 'OBSERVED', rank: 0, value: ({ observedAt }) => observedAt },
  { title: 'EXPIRES', rank: 2, value: ({ expiresAt }) => expiresAt },
  { title: 'EXPIRED', wide: true, value: ({ expired }) => expired },
  { title: 'SEQ', wide: true, value: ({ seq }) => seq },
  { title: 'VERSION', wide: true, value: ({ version }) => version },
  { title: 'WAY', wide: true, value: ({ way }) => way },
  { title: 'ACCEPTED', wide: true, value: ({ acceptedAt }) => acceptedAt },
  { title: 'DEDUPE_KEY', wide: true, value: ({ dedupeKey }) => dedupeKey },
  { title: 'PAYLOAD', wide: true, value: ({ payload }) => payload && JSON.stringify(payload) },
];

/** An emitted fact with the site's answer. */
export type EmittedEvent = Omit<EventItem, 'seq'> & EmitAnswer;

/** The event columns; wide adds what the site answered. */
export const EMIT_COLUMNS: readonly Column<EmittedEvent>[] = [
  ...EVENT_COLUMNS.filter(({ wide }) => !wide),
  { title: 'SEQ', wide: true, value: ({ seq }) => seq },
  { title: 'DUPLICATE', wide: true, value: ({ duplicate }) => duplicate },
  { title: 'REFRESHED', wide: true, value: ({ refreshed }) => refreshed },
];

/** Reference 9.5. */
export const DELIVERY_COLUMNS: readonly Column<DeliveryItem>[] = [
  { title: 'EVENT_ID', rank: 0, value: ({ eventId }) => eventId },
  { title: 'PEER', rank: 0, value: ({ node, peer }) => node ?? peer },
  { title: 'STATUS', rank: 0, value: ({ status }) => status },
  { title: 'ATTEMPTS', rank: 2, value: ({ attempts }) => attempts },
  { title: 'LAST_ATTEMPT', rank: 3, value: ({ lastAttempt }) => lastAttempt },
  { title: 'LAST_ERROR', max: 60, value: ({ lastError }) => lastError },
  { title: 'DELIVERED', rank: 4, value: ({ deliveredAt }) => deliveredAt },
  { title: 'GROUP', wide: true, value: ({ group }) => group },
  { title: 'EVENT_PEER', wide: true, value: ({ peer }) => peer },
  { title: 'VERSION', wide: true, value: ({ version }) => version },
  { title: 'EXPIRES', wide: true, value: ({ expiresAt }) => expiresAt },
];

/** Everything of one fact. */
export function eventText(event: EventItem): string {
  const payload = Object.entries(event.payload ?? {});
  return (
    detailsText([
      ['ID', event.id],
      ['Group', event.group],
      ['Source', event.sourceNode],
      ['Type', event.type],
      ['Subject', event.subject],
      ['Dedupe Key', event.dedupeKey],
      ['Observed At', event.observedAt],
      ['Expires', event.expiresAt],
      ['Expired', event.expired],
      ['Accepted At', event.acceptedAt],
      ['Way', event.way],
      ['Version', event.version],
      ['Sequence', event.seq],
      ...(event.traceparent === undefined ? [] : [['Trace', event.traceparent] as const]),
    ]) +
    (payload.length === 0
      ? `Payload:  ${cellText('')}\n`
      : `Payload:\n${detailsText(
          payload.map(([key, value]) => [cellText(key), value]),
          '  ',
        )}`)
  );
}
