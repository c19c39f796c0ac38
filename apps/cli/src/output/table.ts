/*
 * How a command prints. It takes `withOutput(command)` (or `withPaging` for a list), asks the site, and hands what came to
 * the session: `session.printRows(items, COLUMNS, output)` or `session.printPage(page, COLUMNS, output)` for a list,
 * `session.printOne(thing, output, text)` for one thing. The session knows all formats of `-o`, and whether stdout is a
 * terminal: then tables fit its width, times are ages and states have colours; a pipe gets whole texts without colour.
 * A view only says which columns there are, and by `rank`, `cut` and `max` what may go where room lacks.
 */
import { agoText, isTime } from './age.js';
import { cellText, type CellValue, clip, clipStart, displayWidth, padTo } from './cell.js';
import type { Paint } from './colour.js';
import { fitWidths, GAP, type Measure } from './layout.js';
import { paintState, tellsStates } from './state-colour.js';

/**
 * One column: its title is a contract with scripts. `wide` columns show with `-o wide` only. A text that is a time
 * shows as its age in a terminal, a column with the title of a state is coloured (`state-colour.ts`), what tells one
 * row from another (NAME, ID, else the first column) is never cut.
 */
export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => CellValue;
  readonly wide?: boolean;
  /** Longest text in a table of a terminal that is not wide. */
  readonly max?: number;
  /** Where room lacks, the highest leaves first, of equals the rightmost. 1 when left out, 0 stays. */
  readonly rank?: number;
  /** Which end of a text is left out where room lacks; the end when left out. */
  readonly cut?: 'start' | 'end';
}

/** The terminal that a table must fit; without one the whole texts are printed. */
export interface TableScreen {
  /** Columns of a line. */
  readonly width: number;
  readonly paint: Paint;
  readonly nowMs: number;
  /** Hears of the titles of columns that found no room. */
  readonly onLeftOut?: (titles: readonly string[]) => void;
}

/** How a table is printed. */
export interface TableStyle {
  readonly wide?: boolean;
  readonly screen?: TableScreen | undefined;
}

/** Narrower than that, a text that may be cut says too little. */
const LEAST_WIDTH = 12;

/** Rows under a line of titles, padded by display width, without trailing blanks. */
export function tableText<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { wide = false, screen }: TableStyle = {},
): string {
  const shown = columns.filter((column) => wide || !column.wide);
  if (screen) return screenText(shown, rows, wide, screen);
  const lines = rows.map((row) => shown.map(({ value }) => cellText(value(row))));
  return alignedText([shown.map(({ title }) => title), ...lines]);
}

/** The table behind an indent. */
export function indentedTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  style: TableStyle,
  indent = '  ',
): string {
  const { screen } = style;
  const within = screen && { ...style, screen: { ...screen, width: screen.width - indent.length } };
  return tableText(columns, rows, within ?? style).replace(/^(?=.)/gm, indent);
}

/** What tells a row from another: the column NAME or ID, else the first one. */
export function keyColumn<Row>(columns: readonly Column<Row>[]): Column<Row> | undefined {
  return columns.find(({ title }) => KEY_TITLES.includes(title)) ?? columns[0];
}

const KEY_TITLES: readonly string[] = ['NAME', 'ID'];

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

/** A table that fits a terminal: ages for times, columns narrowed or left out, states in colour. */
function screenText<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  wide: boolean,
  screen: TableScreen,
): string {
  const cells = rows.map((row) => columns.map((column) => cellOf(column, row, wide, screen.nowMs)));
  const key = keyColumn(columns);
  const measures = columns.map((column, index) => measureOf(column, cells, index, column === key));
  const widths = fitWidths(measures, screen.width);
  const leftOut = columns.filter((_column, index) => widths[index] === undefined);
  if (wide && leftOut.length > 0) return blocksText(columns, cells, screen);
  if (leftOut.length > 0) screen.onLeftOut?.(leftOut.map(({ title }) => title));
  const lineOf = (texts: readonly string[], paint?: Paint): string => {
    const parts = columns.flatMap((column, index) => {
      const width = widths[index];
      if (width === undefined) return [];
      const text = cutTo(texts[index]!, width, column);
      const padding = ' '.repeat(Math.max(0, width - displayWidth(text)));
      return [`${paint && tellsStates(column.title) ? paintState(text, paint) : text}${padding}`];
    });
    return `${parts.join(' '.repeat(GAP)).trimEnd()}\n`;
  };
  const titles = lineOf(columns.map(({ title }) => title)).trimEnd();
  return [`${screen.paint('bold', titles)}\n`, ...cells.map((texts) => lineOf(texts, screen.paint))].join('');
}

/** Too many columns for the terminal: each row as lines of `TITLE  value`. */
function blocksText<Row>(
  columns: readonly Column<Row>[],
  cells: readonly (readonly string[])[],
  { width, paint }: TableScreen,
): string {
  const titleWidth = Math.max(...columns.map(({ title }) => displayWidth(title)));
  const block = (texts: readonly string[]): string =>
    columns
      .map((column, index) => {
        const text = cutTo(texts[index]!, width - titleWidth - GAP, column);
        const shown = tellsStates(column.title) ? paintState(text, paint) : text;
        return `${paint('bold', padTo(column.title, titleWidth))}${' '.repeat(GAP)}${shown}\n`;
      })
      .join('');
  return cells.map(block).join('\n');
}

function cellOf<Row>({ value, max }: Column<Row>, row: Row, wide: boolean, nowMs: number): string {
  const text = cellText(value(row));
  if (isTime(text)) return agoText(text, nowMs);
  return max === undefined || wide ? text : clip(text, max);
}

function measureOf<Row>(
  { title, rank = 1 }: Column<Row>,
  cells: readonly (readonly string[])[],
  index: number,
  isKey: boolean,
): Measure {
  const texts = cells.map((row) => row[index]!);
  const natural = Math.max(displayWidth(title), ...texts.map(displayWidth));
  const isWhole = isKey || tellsStates(title) || texts.every((text) => SHORT.test(text));
  const least = isWhole ? natural : Math.min(natural, Math.max(displayWidth(title), LEAST_WIDTH));
  return { natural, least, rank: isKey ? 0 : rank };
}

/** Numbers, ages, durations, sizes and yes or no are shown whole or not at all. */
const SHORT = /^(?:-|true|false|yes|no|[\d.,/%]+(?:\s?[A-Za-z]{1,3})?|(?:in )?(?:\d+[a-z])+(?: ago)?|now)$/;

function cutTo<Row>(text: string, width: number, { cut }: Column<Row>): string {
  return cut === 'start' ? clipStart(text, width) : clip(text, width);
}
