import type { Resource } from '../../resource.js';
import type { Kind } from '../kind.js';
import { whyDefaultProject } from '../../validate.js';
import { KNOWN_KINDS } from '../registry.js';
import { type SchemaField, schemaFields } from './kind-fields.js';
import kindWords from './kind-words.json' with { type: 'json' };

/** A field with what is said of it. */
export interface KindField extends SchemaField {
  /** What holds without it, as {@link words} say it; '' when they say nothing of that. */
  readonly default: string;
  /** Meaning, units, and bounds that the schema cannot say. Markdown of one line. */
  readonly words: string;
}

/** A kind as people are told of it. */
export interface DescribedKind {
  readonly apiVersion: string;
  readonly kind: string;
  /** What it is for. */
  readonly words: string;
  /** Why its resources stand in the project `default` only; absent: they may stand in any. */
  readonly whyDefaultProject?: string;
  readonly isOfPeople?: true;
  /** Each behind what it belongs to. */
  readonly fields: readonly KindField[];
  /** A valid one, with many of its fields. */
  readonly example: Resource;
}

interface Written {
  readonly words: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly example: Resource;
}

/**
 * What the schema of a kind says, with the words of the types that it is made of. These are read out of the comments there: `kind-words.json`
 * is written by its test.
 */
export function describeKind(kind: Kind): DescribedKind {
  const { words, fields, example } = (kindWords as unknown as Readonly<Record<string, Written>>)[kind.kind]!;
  const { apiVersion, isOfPeople } = kind;
  const why = whyDefaultProject(apiVersion, kind.kind);
  return {
    ...{ apiVersion, kind: kind.kind, words },
    ...(why !== undefined && { whyDefaultProject: why }),
    ...(isOfPeople && { isOfPeople }),
    fields: schemaFields(kind.schema).map((field) => {
      const said = fields[field.path] ?? '';
      return { ...field, default: defaultIn(said), words: said };
    }),
    example,
  };
}

/** All kinds, by name. */
export function describedKinds(): readonly DescribedKind[] {
  return [...KNOWN_KINDS].sort((a, b) => (a.kind < b.kind ? -1 : 1)).map(describeKind);
}

/** `default 5s`, `Default 30s, of x 0s.`, `\`haproxy\` (default): …` */
const DEFAULT =
  /\bdefault (?:is )?(?<value>`[^`]+`|[^;.,:()]+(?:\.\d[^;.,:()]*)?)|(?<marked>`[^`]+`) \(default\)/i;

/** What words say of a default. */
export function defaultIn(words: string): string {
  const { value, marked } = DEFAULT.exec(words)?.groups ?? {};
  return (value ?? marked ?? '').trim();
}
