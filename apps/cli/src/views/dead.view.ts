import { detailsText, indented } from '../output/details.js';
import type { Column } from '../output/table.js';
import type { DeadLetterItem } from '../rest/answers.js';

export const DEAD_COLUMNS: readonly Column<DeadLetterItem>[] = [
  { title: 'SEQ', value: ({ seq }) => seq },
  { title: 'SERVICE', rank: 2, value: ({ service }) => service },
  { title: 'CODE', rank: 1, value: ({ code }) => code },
  { title: 'SUBJECT', rank: 3, value: ({ subject }) => subject },
  { title: 'AT', value: ({ at }) => at },
  { title: 'MESSAGE', rank: 0, max: 60, value: ({ message }) => message },
  { title: 'ABOUT', wide: true, value: ({ about }) => aboutText(about) },
];

/** A dead letter with the message it holds. */
export function deadText(item: DeadLetterItem): string {
  const { letter } = item;
  return [
    detailsText([
      ['Sequence', item.seq],
      ['Service', item.service],
      ['Code', item.code],
      ['Message', item.message],
      ['Subject', item.subject],
      ['At', item.at],
      ['About', aboutText(item.about)],
      ['Stream', letter?.stream && `${letter.stream} at ${letter.seq ?? '-'}`],
      ['Deliveries', letter?.deliveries],
    ]),
    ...(letter
      ? [`Data (${letter.encoding}${letter.truncated ? ', cut' : ''}):\n`, indented(letter.data || '-', '  ')]
      : []),
  ].join('');
}

function aboutText(about: DeadLetterItem['about'] | undefined): string {
  return Object.entries(about ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
}
