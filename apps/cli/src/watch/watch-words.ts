import { DEFAULT_PROJECT, readScopedName } from '@signalbox/contracts';
import { usageFailure } from '../failure.js';
import type { Query } from '../rest-client.js';
import { matchesOf, oneOf } from '../words/match-word.js';

/** What a record of the stream can be about. */
export const WATCHED_KINDS = ['backend', 'frontend', 'node'] as const;
export type WatchedKind = (typeof WATCHED_KINDS)[number];

/** Which events are wanted: no kind at all = every event; a kind without names = all of that kind. */
export interface Watch {
  readonly kinds: ReadonlyMap<WatchedKind, ReadonlySet<string>>;
  /** Absent: names are of `default`, and without names events are of all projects. */
  readonly project?: string;
  readonly num?: number;
}

/** The same as flags. */
export interface WatchFlags {
  readonly num?: number;
  readonly project?: string;
  readonly backend?: readonly string[];
  readonly frontend?: readonly string[];
  readonly node?: readonly string[];
}

const WORDS = ['num', ...WATCHED_KINDS, 'log'] as const;
const OFFERED = WORDS.filter((word) => word !== 'log');
const NEXT = 'signalbox watch events --help';

/**
 * `num <n>`, `backend [<name>]`, `frontend [<name>]` and `node [<name>]` in any order, together with the flags. A word behind a kind is
 * a name unless it is one of these words in full. Reference maglev 8.2.
 */
export function readWatch(words: readonly string[], flags: WatchFlags): Watch {
  const wanted = new Map<WatchedKind, string[]>();
  const all = new Set<WatchedKind>();
  let num = flags.num;
  for (const kind of WATCHED_KINDS) if (flags[kind]) wanted.set(kind, [...flags[kind]]);
  for (let index = 0; index < words.length; index += 1) {
    const word = wordAt(words, index);
    const next = words[index + 1];
    if (word === 'num') {
      if (num !== undefined) throw usageFailure('num is given twice', NEXT);
      num = countOf(next);
      index += 1;
    } else if (next === undefined || isWord(next)) {
      all.add(word);
    } else {
      wanted.set(word, [...(wanted.get(word) ?? []), next]);
      index += 1;
    }
  }
  const kinds = WATCHED_KINDS.filter((kind) => all.has(kind) || wanted.has(kind)).map(
    (kind): [WatchedKind, Set<string>] => [kind, new Set(all.has(kind) ? [] : wanted.get(kind))],
  );
  const { project } = flags;
  return {
    kinds: new Map(kinds),
    ...(project !== undefined && { project }),
    ...(num !== undefined && { num }),
  };
}

/** What to ask the site for. Names only when every kind has some, since the site looks for them in all kinds. */
export function queryOf({ kinds, project }: Watch): Query {
  if (kinds.size === 0) return { project };
  const names = [...kinds.values()];
  const everyKindNamed = names.every((some) => some.size > 0);
  return {
    kind: [...kinds.keys()].join(','),
    project,
    name: everyKindNamed ? [...new Set(names.flatMap((some) => [...some]))].join(',') : undefined,
  };
}

/** Whether a record is wanted; the site may send more than was asked for. */
export function isWanted({ kinds, project }: Watch, event: Readonly<Record<string, unknown>>): boolean {
  if (project !== undefined && project !== (event['project'] ?? DEFAULT_PROJECT)) return false;
  if (kinds.size === 0) return true;
  const kind = WATCHED_KINDS.find((one) => one === event['type']);
  const names = kind && kinds.get(kind);
  if (!names || names.size === 0) return names !== undefined;
  const told = readScopedName(String(event[kind!]));
  return told.project === (project ?? DEFAULT_PROJECT) && names.has(told.name);
}

function wordAt(words: readonly string[], index: number): 'num' | WatchedKind {
  const typed = words[index]!;
  const [word] = matchesOf(typed, WORDS);
  if (word === 'log')
    throw usageFailure(
      'log events are not offered: each service writes its own log',
      'signalbox status says how the site is',
    );
  if (word === undefined) {
    const before = words[index - 1] ?? 'signalbox watch events';
    throw usageFailure(`unknown word "${typed}": expected ${oneOf(OFFERED)} after "${before}"`, NEXT);
  }
  return word as 'num' | WatchedKind;
}

function isWord(text: string): boolean {
  return WORDS.some((word) => word === text);
}

function countOf(text: string | undefined): number {
  const count = text !== undefined && /^\d+$/.test(text) ? Number(text) : 0;
  if (count < 1 || !Number.isSafeInteger(count))
    throw usageFailure(
      text === undefined
        ? 'the command ends too early: expected <n> after "num"'
        : `"${text}" after "num" is not a whole number from 1 on`,
      NEXT,
    );
  return count;
}
