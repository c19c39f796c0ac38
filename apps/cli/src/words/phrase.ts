import { usageFailure } from '../failure.js';
import { matchesOf } from './match-word.js';

/**
 * What a person named in a phrase of fixed words: the places in angle brackets, in their order. `phrase` is for
 * example `<frontend> pool <pool>`, `path` the command before it. A wrong, missing or further word is a usage error
 * that names it and what was expected there. Reference maglev 11.4 R19.
 */
export function readPhrase(phrase: string, typed: readonly string[], path: string): readonly string[] {
  const places = phrase.split(' ');
  const next = `${path} --help`;
  const named = places.flatMap((place, index) => {
    const word = typed[index];
    const before = typed[index - 1] ?? path;
    const expected = isName(place) ? place : `"${place}"`;
    if (word === undefined || word === '')
      throw usageFailure(`the command ends too early: expected ${expected} after "${before}"`, next);
    if (isName(place)) return [word];
    if (matchesOf(word, [place]).length === 0)
      throw usageFailure(`unknown word "${word}": expected ${expected} after "${before}"`, next);
    return [];
  });
  const further = typed[places.length];
  if (further !== undefined)
    throw usageFailure(`unknown word "${further}": nothing comes after "${typed[places.length - 1]}"`, next);
  return named;
}

function isName(place: string): boolean {
  return place.startsWith('<');
}
