const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]+/gu;
const ZERO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const WIDE =
  /^[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{20000}-\u{3FFFD}]$|^\p{Emoji_Presentation}$/u;

/** What a cell may hold; nothing and the empty text show as `-`. */
export type CellValue = string | number | boolean | null | undefined;

/** How Go writes an absent time. */
const ZERO_TIME = '0001-01-01T00:00:00Z';

/** One line of printable text: control and direction characters cannot break a table or drive a terminal. */
export function cellText(value: CellValue): string {
  if (value === null || value === undefined || value === '' || value === ZERO_TIME) return '-';
  return plain(String(value)).trim() || '-';
}

/** The text with every run of control characters made one blank. */
export function plain(text: string): string {
  return text.replace(CONTROL, ' ');
}

/** Columns a text takes in a terminal: wide characters count two, combining marks none. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const char of text) width += ZERO_WIDTH.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
  return width;
}

/** The text cut to a width; `…` says that something is missing. */
export function clip(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const char of text) {
    used += displayWidth(char);
    if (used > width - 1) break;
    kept += char;
  }
  return `${kept.trimEnd()}…`;
}

/** The text cut to a width at its beginning, for names whose end says more. */
export function clipStart(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const char of [...text].reverse()) {
    used += displayWidth(char);
    if (used > width - 1) break;
    kept = char + kept;
  }
  return `…${kept.trimStart()}`;
}

/** The text padded with blanks to a width. */
export function padTo(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}
