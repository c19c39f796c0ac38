import { cellText, type CellValue, displayWidth, padTo } from './cell.js';

/** One field of a thing; an undefined value leaves the field out, an empty one shows as `-`. */
export type Field = readonly [label: string, value: CellValue];

/** `label  value` lines with aligned values and no colon: programs match them (reference maglev 8.4). */
export function fieldsText(fields: readonly Field[]): string {
  const shown = fields.filter(([, value]) => value !== undefined);
  const width = Math.max(...shown.map(([label]) => displayWidth(label)));
  return shown.map(([label, value]) => `${padTo(label, width)}  ${cellText(value)}\n`).join('');
}
