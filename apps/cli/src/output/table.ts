import { cellText, type CellValue, clip, displayWidth, padTo } from './cell.js';

/** One column: its title is a contract with scripts. `wide` columns show with `-o wide` only. */
export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => CellValue;
  readonly wide?: boolean;
  /** Longest text in a table that is not wide. */
  readonly max?: number;
}

/** Rows under a line of titles, padded by display width, without trailing blanks. */
export function tableText<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { wide = false }: { wide?: boolean } = {},
): string {
  const shown = columns.filter((column) => wide || !column.wide);
  const lines = [
    shown.map(({ title }) => title),
    ...rows.map((row) =>
      shown.map(({ value, max }) => {
        const text = cellText(value(row));
        return max === undefined || wide ? text : clip(text, max);
      }),
    ),
  ];
  return alignedText(lines);
}

/** Lines of equally many cells, padded by display width, without trailing blanks. */
export function alignedText(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_cell, index) =>
    Math.max(...lines.map((line) => displayWidth(line[index]!))),
  );
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, index) => padTo(cell, widths[index]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
