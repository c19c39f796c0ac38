import type { Output } from '../terminal.js';

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const;

/** Paints a text, or leaves it as it is when colour is off. */
export type Paint = (style: keyof typeof CODES, text: string) => string;

/** Values of `--color`; true and false are the words of older versions. */
export const COLOURS = ['auto', 'always', 'never', 'true', 'false'] as const;

/** `--color`: always (true) and never (false) decide; else a terminal without NO_COLOR has colour (no-color.org). */
export function paintFor(
  output: Pick<Output, 'isTty'>,
  env: Readonly<Record<string, string | undefined>>,
  flag: string | undefined,
): Paint {
  const asked = flag === 'always' || flag === 'true';
  const refused = flag === 'never' || flag === 'false';
  const on = asked || (!refused && output.isTty && !env['NO_COLOR'] && env['TERM'] !== 'dumb');
  return (style, text) => (on ? `\u001B[${CODES[style]}m${text}\u001B[0m` : text);
}
