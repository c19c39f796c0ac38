import type { Command } from 'commander';
import { cellText, plain } from '../output/cell.js';
import { detailsText } from '../output/details.js';
import { type Column, tableText, type TableStyle } from '../output/table.js';
import { pathOf } from '../rest-client.js';
import type { StatusAnswer, StorageAnswer } from '../rest/answers.js';
import type { Session } from '../session.js';
import { STORAGE_COLUMNS } from '../views/storage.view.js';
import { type OutputFlags, withExamples, withOutput } from './options.js';

const GROUP_COLUMNS: readonly Column<StatusAnswer['groups'][number]>[] = [
  { title: 'GROUP', value: ({ name }) => name },
  { title: 'NODE', value: ({ nodeName }) => nodeName },
  { title: 'MESSAGES', value: ({ stream }) => stream.messages },
  { title: 'BYTES', value: ({ stream }) => stream.bytes },
  { title: 'LAST_SEQ', value: ({ stream }) => stream.lastSeq },
];

const PART_COLUMNS: readonly Column<StatusAnswer['parts'][number]>[] = [
  { title: 'PART', value: ({ name }) => name },
  { title: 'READY', value: ({ ready }) => yesNo(ready) },
  { title: 'REASON', value: ({ reason }) => reason },
];

export function addStatus(program: Command, session: Session): void {
  const command = program
    .command('status')
    .description('node, groups, revision, generation and readiness')
    .option('--storage', 'how full every stream, table, cache and queue is, and until when');
  withExamples(
    withOutput(command),
    'signalbox status',
    'signalbox status -o json',
    'signalbox status --storage',
  ).action(async ({ output, storage }: OutputFlags & { readonly storage?: boolean }) => {
    if (storage) return printStorage(session, output);
    const status = await session.client.call<StatusAnswer>(pathOf('status'), {
      has: ['node', 'groups', 'parts'],
    });
    await session.printOne(status, output, (_status, _format, style) => statusText(status, style));
  });
}

async function printStorage(session: Session, output: OutputFlags['output']): Promise<void> {
  const { items, away } = await session.client.call<StorageAnswer>(pathOf('storage'), {
    has: ['items', 'away'],
  });
  await session.printRows(items, STORAGE_COLUMNS, output);
  if (away.length > 0) session.warn(`${away.join(', ')} did not answer: what is kept there is not known`);
}

function statusText(status: StatusAnswer, style: TableStyle): string {
  const { node, ready, revision, generation, groups, parts, alarms } = status;
  return [
    detailsText([
      ['Node', node],
      ['Ready', yesNo(ready)],
      ['Revision', revision],
      ['Generation', generation],
      ['Alarms', alarms.count],
    ]),
    ...(alarms.count > 0 ? [alarmsText(alarms)] : []),
    tableText(GROUP_COLUMNS, groups, style),
    tableText(PART_COLUMNS, parts, style),
  ].join('\n');
}

function alarmsText({ count, first }: StatusAnswer['alarms']): string {
  const more = count > first.length ? `and ${count - first.length} more: signalbox show alarms\n` : '';
  const lines = first.map(({ kind, name, text, silencedBy }) => {
    const silenced = silencedBy === undefined ? '' : ` (silenced by ${silencedBy})`;
    return `${kind} ${cellText(name)}: ${plain(text)}${silenced}\n`;
  });
  return `${lines.join('')}${more}`;
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}
