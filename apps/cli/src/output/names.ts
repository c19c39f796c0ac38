import { cellText } from './cell.js';
import { type Column, keyColumn } from './table.js';

/** `-o name` of a list: what each row is called in other commands, one a line. */
export function namesText<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const key = keyColumn(columns);
  return key ? rows.map((row) => `${cellText(key.value(row))}\n`).join('') : '';
}
