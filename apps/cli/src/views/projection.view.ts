import { cellText, type CellValue, padTo } from '../output/cell.js';
import { type Column, tableText, type TableStyle } from '../output/table.js';
import type {
  ProjectionItem,
  RebuiltProjection,
  VerifiedProjection,
  VerifiedTable,
} from '../rest/answers.js';

/** Digits of a sha256 that a narrow table shows. */
const SHORT_DIGEST = 12;

export const PROJECTION_COLUMNS: readonly Column<ProjectionItem>[] = [
  { title: 'NAME', value: ({ name }) => name },
  { title: 'STREAM', value: ({ stream }) => stream },
  { title: 'POSITION', value: ({ position }) => position },
  { title: 'LAST_SEQ', value: ({ lastSeq }) => lastSeq },
  { title: 'LAG', value: ({ lag }) => lag },
  { title: 'ROWS', value: ({ rows }) => rows },
  {
    title: 'TABLES',
    wide: true,
    value: ({ tables }) => tables.map(({ name, rows }) => `${name}=${rows}`).join(' '),
  },
];

const WIDEST_KIND = 'different'.length;

interface VerifiedRow {
  readonly projection: VerifiedProjection;
  readonly table: VerifiedTable;
}

function verifiedColumns(wide: boolean): readonly Column<VerifiedRow>[] {
  return [
    { title: 'NAME', value: ({ projection }) => projection.name },
    { title: 'STREAM', rank: 3, value: ({ projection }) => projection.stream },
    { title: 'POSITION', rank: 2, value: ({ projection }) => projection.position },
    { title: 'TABLE', rank: 0, value: ({ table }) => table.name },
    { title: 'ROWS', value: ({ table }) => table.rows },
    { title: 'EQUAL', value: ({ table }) => (table.equal ? 'yes' : 'no') },
    { title: 'LIVE', value: ({ table }) => (wide ? table.live : table.live.slice(0, SHORT_DIGEST)) },
    { title: 'FOLDED', value: ({ table }) => (wide ? table.folded : table.folded.slice(0, SHORT_DIGEST)) },
    { title: 'ROWS_FOLDED', wide: true, value: ({ table }) => table.rowsFolded },
    { title: 'RECORDS', wide: true, value: ({ projection }) => projection.records },
    { title: 'PASSED_OVER', wide: true, value: ({ projection }) => projection.passedOver },
  ];
}

/** A line for each table. */
export function verifiedText(projections: readonly VerifiedProjection[], style: TableStyle): string {
  const rows = projections.flatMap((projection) => projection.tables.map((table) => ({ projection, table })));
  return tableText(verifiedColumns(style.wide === true), rows, style);
}

interface RebuiltRow {
  readonly projection: RebuiltProjection;
  readonly table: RebuiltProjection['tables'][number];
}

const REBUILT_COLUMNS: readonly Column<RebuiltRow>[] = [
  { title: 'NAME', value: ({ projection }) => projection.name },
  { title: 'STREAM', rank: 3, value: ({ projection }) => projection.stream },
  { title: 'POSITION', rank: 2, value: ({ projection }) => projection.position },
  { title: 'TABLE', rank: 0, value: ({ table }) => table.name },
  { title: 'ROWS', value: ({ table }) => table.rows },
  { title: 'ADDED', value: ({ table }) => table.added },
  { title: 'CHANGED', value: ({ table }) => table.changed },
  { title: 'REMOVED', value: ({ table }) => table.removed },
  { title: 'RECORDS', wide: true, value: ({ projection }) => projection.records },
  { title: 'PASSED_OVER', wide: true, value: ({ projection }) => projection.passedOver },
];

/** A line for each table. */
export function rebuiltText(projections: readonly RebuiltProjection[], style: TableStyle): string {
  const rows = projections.flatMap((projection) => projection.tables.map((table) => ({ projection, table })));
  return tableText(REBUILT_COLUMNS, rows, style);
}

/** The rows that differ, and what the words mean; nothing when none does. */
export function differencesText(projections: readonly VerifiedProjection[]): string {
  const differing = projections.flatMap(({ name, tables }) =>
    tables.filter(({ equal }) => !equal).map((table) => tableDifferences(name, table)),
  );
  if (differing.length === 0) return '';
  return `${differing.join('')}\nmissing: the stream has it, the table has not; extra: only the table has it\n`;
}

function tableDifferences(projection: string, { name, differences, named }: VerifiedTable): string {
  const count = `${differences} ${differences === 1 ? 'row differs' : 'rows differ'}`;
  const shown = named.length < differences ? `, the first ${named.length}` : '';
  const lines = named.map(({ kind, key, columns }) => {
    const cells = Object.entries(key).map(([column, value]) => `${column}=${cellText(value as CellValue)}`);
    return `  ${padTo(kind, WIDEST_KIND)}  ${cells.join(' ')}${columns ? `  (${columns.join(', ')})` : ''}\n`;
  });
  return `\n${projection}, table ${name}: ${count}${shown}:\n${lines.join('')}`;
}
