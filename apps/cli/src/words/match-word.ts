/**
 * The words that a typed one can mean: itself when it is one of them, else all that begin with it.
 * One is a match, none is unknown, more are ambiguous. Reference maglev 8.3.
 */
export function matchesOf(typed: string, words: readonly string[]): readonly string[] {
  if (words.includes(typed)) return [typed];
  return typed === '' ? [] : words.filter((word) => word.startsWith(typed));
}

/** `a, b or c`. */
export function oneOf(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
