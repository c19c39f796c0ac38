/** How many letters a word may differ by and still be taken for a misspelling. */
export const MISSPELT_BY = 2;

/** Longer words are not compared: nobody misspells by two letters what is longer than any name of ours. */
const LONGEST_WORD = 64;

/**
 * The candidate that `word` most likely means: the one with the least edit distance, at most {@link MISSPELT_BY}
 * (insert, delete, replace and swap of neighbours count one each; letter case does not count), and less than half the word's length; of
 * equals the first in the given order. Undefined when none is near or the word is one of them.
 */
export function didYouMean(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > LONGEST_WORD || candidates.includes(word)) return undefined;
  let [best, least]: [string | undefined, number] = [
    undefined,
    Math.min(MISSPELT_BY + 1, Math.ceil(word.length / 2)),
  ];
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** Optimal string alignment distance. */
function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > MISSPELT_BY) return MISSPELT_BY + 1;
  let [older, previous]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(previous[j]! + 1, row[j - 1]! + 1, replaced);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        row[j] = Math.min(row[j]!, older[j - 2]! + 1);
    }
    [older, previous] = [previous, row];
  }
  return previous[b.length]!;
}
