import { cellText, type CellValue, displayWidth, padTo, plain } from './cell.js';

/** `Name:  value` lines with aligned values. */
export function detailsText(
  pairs: readonly (readonly [name: string, value: CellValue])[],
  indent = '',
): string {
  const width = Math.max(...pairs.map(([name]) => displayWidth(name))) + 1;
  return pairs.map(([name, value]) => `${indent}${padTo(`${name}:`, width)}  ${cellText(value)}\n`).join('');
}

/** Every line of a text behind an indent. */
export function indented(text: string, indent: string): string {
  return text
    .replace(/\n+$/, '')
    .split('\n')
    .map((line) => `${indent}${plain(line)}`.trimEnd() + '\n')
    .join('');
}
