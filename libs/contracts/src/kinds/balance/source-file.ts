import { didYouMean } from '../../did-you-mean.js';
import type { FieldError } from '../../errors.js';
import { hostAddressProblem } from '../../ip-address.js';
import { readPointerToken } from '../../json-pointer.js';
import { compileSchema } from '../../schema/compile.js';
import { FLAG, listOf, NON_BLANK, shape, text, wholeNumber } from '../../schema/shape.js';
import { WEIGHT } from './pool-backends.js';

/**
 * Bounds of the file of a `file` source, and of what one entry of it may have. YAML is bounded more: it takes ten times as long to
 * read as JSON, while nothing else is done.
 */
export const SOURCE_FILE_BOUNDS = {
  bytes: 4 * 1024 * 1024,
  yamlBytes: 1024 * 1024,
  entries: 10_000,
  tags: 32,
} as const;

/** One backend in the file of a `file` source. spec/balance "Discovery". */
export interface SourceFileEntry {
  /** Address of one host. */
  readonly address: string;
  /** 1-65535. */
  readonly port: number;
  /** 0-100; absent: the weight of the source. */
  readonly weight?: number;
  /** It gets nothing new. */
  readonly draining?: boolean;
  readonly tags?: readonly string[];
}

const FIELDS: readonly string[] = [
  'address',
  'port',
  'weight',
  'draining',
  'tags',
] satisfies (keyof SourceFileEntry)[];

const checkShape = compileSchema(
  listOf(
    shape<SourceFileEntry>(
      { address: text('ip'), port: wholeNumber(1, 65535) },
      { weight: WEIGHT, draining: FLAG, tags: listOf(NON_BLANK, { maxItems: SOURCE_FILE_BOUNDS.tags }) },
    ),
    { maxItems: SOURCE_FILE_BOUNDS.entries },
  ),
  'all',
);

/**
 * What is wrong with the value of a source's file, which is a list of {@link SourceFileEntry}; pointers into it. Nothing of what
 * is written there is told, not even a name of a field: the path may lead to a file of secrets.
 */
export function sourceFileErrors(value: unknown): readonly FieldError[] {
  const ofShape = checkShape(value).map(withoutName);
  if (ofShape.length > 0) return ofShape;
  return (value as readonly SourceFileEntry[]).flatMap(({ address }, at) => {
    const message = hostAddressProblem(address);
    return message === undefined ? [] : [{ pointer: `/${at}/address`, message }];
  });
}

/** An unknown field is told of at its entry, with the one that may have been meant. */
function withoutName(error: FieldError): FieldError {
  const [, entry, token] = /^(\/\d+)\/([^/]*)$/.exec(error.pointer) ?? [];
  if (entry === undefined || token === undefined || FIELDS.includes(token)) return error;
  const meant = didYouMean(readPointerToken(token), FIELDS);
  const hint = meant === undefined ? `there are ${FIELDS.join(', ')}` : `is "${meant}" meant?`;
  return { pointer: entry, message: `has a field that is not known: ${hint}` };
}
