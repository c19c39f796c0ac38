const BLANK = /\p{White_Space}/u;

/**
 * A text without the blanks around it, by the Unicode list that Go's `strings.TrimSpace` uses: unlike `trim()` it leaves
 * U+FEFF, which is no blank, so that two sites never read one id as two.
 */
export function trimBlanks(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && BLANK.test(text[start]!)) start += 1;
  while (end > start && BLANK.test(text[end - 1]!)) end -= 1;
  return text.slice(start, end);
}
