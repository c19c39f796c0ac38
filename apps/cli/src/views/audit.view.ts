import { fieldsText } from '../output/fields.js';
import type { Column } from '../output/table.js';
import type { AuditEntryItem, JournalReportItem, RefusedItem } from '../rest/answers.js';

export const AUDIT_COLUMNS: readonly Column<AuditEntryItem>[] = [
  { title: 'SEQ', value: ({ seq }) => seq },
  { title: 'AT', rank: 1, value: ({ at }) => at },
  { title: 'AUTHOR', value: ({ author }) => author },
  { title: 'FROM', rank: 4, value: ({ address }) => address },
  { title: 'ACTION', value: ({ action }) => action },
  { title: 'OBJECT', value: objectText },
  { title: 'REASON', rank: 2, max: 60, value: ({ reason }) => reason },
  { title: 'SUBJECT', wide: true, value: ({ subject }) => subject },
  { title: 'AGENT', wide: true, value: ({ agent }) => agent },
];

export const REFUSED_COLUMNS: readonly Column<RefusedItem>[] = [
  { title: 'AT', value: ({ at }) => at },
  { title: 'SUBJECT', value: ({ subject }) => subject },
  { title: 'FROM', value: ({ address }) => address },
  { title: 'REASON', value: ({ reason }) => reason },
  { title: 'COUNT', value: ({ count }) => count },
  { title: 'ROUTE', rank: 1, value: ({ route }) => route },
];

/** What a check found, with a line for each finding. */
export function reportText({
  isWhole,
  seals,
  records,
  sealedTo,
  findings,
  findingsInAll,
}: JournalReportItem): string {
  const fields = fieldsText([
    ['journal', isWhole ? 'is as it was sealed' : 'is NOT as it was sealed'],
    ['records', `${records} as they were, of those up to ${sealedTo}`],
    ['seals', seals],
    ['findings', findingsInAll === 0 ? undefined : findingsInAll],
  ]);
  const rest = findingsInAll - findings.length;
  const lines = findings.map(({ kind, message }) => `${kind}: ${message}\n`);
  return `${fields}${lines.join('')}${rest > 0 ? `and ${rest} more\n` : ''}`;
}

function objectText({ kind, project, name, part }: AuditEntryItem): string {
  const place = project === 'default' ? name : `${project}/${name}`;
  return `${kind}/${place}${part ? ` ${part}` : ''}`;
}
