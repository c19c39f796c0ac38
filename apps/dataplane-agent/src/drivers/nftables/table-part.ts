/** Kinds of parts in the order in which they can be added; they are removed in the reverse order. */
export const PART_KINDS = ['timeout', 'counter', 'map', 'chain', 'rules', 'place', 'flow'] as const;
export type PartKind = (typeof PART_KINDS)[number];

/** One thing that a listener has in a table; two parts of one key are the same. */
export interface Part {
  readonly kind: PartKind;
  readonly key: string;
  /** Commands of `nft`. */
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/** In all of these `table` is a family and a name, as commands have them. */

export function counterPart(table: string, name: string): Part {
  return named('counter', 'counter', table, name);
}

/** `definition` of a map or set. */
export function heldPart(word: 'map' | 'set', table: string, name: string, definition: string): Part {
  return named('map', word, table, name, ` { ${definition} }`);
}

/** A map from a number to the chain of a target. */
export function slotMapPart(table: string, name: string): Part {
  return heldPart('map', table, name, 'typeof numgen inc mod 2 : verdict;');
}

/** A chain without rules that says something. */
export function commentPart(table: string, name: string, comment: string): Part {
  const { add, remove } = named('chain', 'chain', table, name, ` { comment "${comment}"; }`);
  return { kind: 'chain', key: `${table} ${name} ${comment}`, add, remove };
}

/** A chain, and its rules, which may change without it. */
export function chainParts(table: string, name: string, lines: readonly string[]): readonly Part[] {
  return [
    named('chain', 'chain', table, name),
    {
      kind: 'rules',
      key: [`${table} ${name}`, ...lines].join('\n'),
      add: lines.map((line) => `add rule ${table} ${name} ${line}`),
      remove: [`flush chain ${table} ${name}`],
    },
  ];
}

/** An element of a map. */
export function elementPart(
  kind: PartKind,
  table: string,
  map: string,
  [key, value]: readonly [key: string, value: string],
): Part {
  const where = `${table} ${map}`;
  return {
    kind,
    key: `${where} ${key} ${value}`,
    add: [`add element ${where} { ${key} : ${value} }`],
    remove: [`delete element ${where} { ${key} }`],
  };
}

function named(kind: PartKind, word: string, table: string, name: string, definition = ''): Part {
  return {
    kind,
    key: `${table} ${name}`,
    add: [`add ${word} ${table} ${name}${definition}`],
    remove: [`delete ${word} ${table} ${name}`],
  };
}
