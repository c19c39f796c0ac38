import { documentsOf } from './bundle.js';
import { quotaError, QuotaBook } from './kinds/balance/quota-book.js';
import { type Document, pointerIn } from './document.js';
import { CodedError, type FieldError } from './errors.js';
import {
  badMaglev,
  isMaglevFile,
  MAGLEV_SET,
  maglevDocument,
  structureErrors,
} from './maglev/maglev-file.js';
import { maglevWarnings } from './maglev/warnings.js';
import { checkSet, lookupIn, referenceErrors, withoutDoubtful } from './references.js';
import { keyOf, refKey, refOf, type Resource } from './resource.js';
import { envelopeErrors, invalid, joinedError } from './validate.js';
import { surveyDocuments } from './valid-documents.js';
import { readYaml } from './yaml-text.js';

/** What a text declares, once it is right in itself. */
export interface ConfigCheck {
  readonly resources: readonly Resource[];
  /** What it may say, but hardly means. */
  readonly warnings: readonly FieldError[];
}

/** A text is wrong by its form, or by what it says. Reference maglev 2.1. */
export type ConfigVerdict =
  | ({ readonly outcome: 'ok' } & ConfigCheck)
  | { readonly outcome: 'parse-error' | 'semantic-error'; readonly error: CodedError };

/**
 * Checks a configuration on its own, a maglev.yaml or documents of resources: everything that it refers to must be in
 * the text. Pointers start with the index of the document, those into a lone maglev.yaml at the file.
 */
export function checkConfig(text: string): ConfigVerdict {
  let parsed: Parsed;
  try {
    parsed = parse(text);
  } catch (error) {
    const coded = codedOf(error);
    return { outcome: coded.code === 'duplicate-resource' ? 'semantic-error' : 'parse-error', error: coded };
  }
  try {
    return { outcome: 'ok', ...checkContent(parsed) };
  } catch (error) {
    return { outcome: 'semantic-error', error: codedOf(error) };
  }
}

/**
 * Checks a maglev.yaml on its own. Throws `too-large`, `bad-yaml`, `bad-maglev` when it does not have the form of one,
 * `validation-failed` when a rule of reference maglev 2.8 or of a kind is broken. Pointers start at the file.
 */
export function checkMaglev(text: string): ConfigCheck {
  const [value, ...rest] = readYaml(text);
  if (rest.length > 0 || !isMaglevFile(value))
    throw badMaglev([{ pointer: '/maglev', message: 'is the one key of the one document that is expected' }]);
  return checkContent(maglevAlone(value));
}

interface Parsed {
  readonly documents: readonly Document[];
  /** What pointers start with, by index of the document. */
  readonly prefixOf: (index: number) => string;
}

function parse(text: string): Parsed {
  const values = readYaml(text);
  const [first] = values;
  if (values.length === 1 && isMaglevFile(first)) return maglevAlone(first);
  if (values.length === 0) throw new CodedError('bad-yaml', 'the text is empty: nothing is declared');
  const documents = documentsOf(values);
  const errors = documents.flatMap((document, index) =>
    document.resources.flatMap((resource, at) =>
      envelopeErrors(resource).map(({ pointer, message }) => ({
        pointer: `/${index}${pointerIn(document, at, pointer)}`,
        message,
      })),
    ),
  );
  if (errors.length > 0) throw invalid('the documents are not valid', errors);
  return { documents, prefixOf: (index) => `/${index}` };
}

function maglevAlone(value: Parameters<typeof maglevDocument>[0]): Parsed {
  const errors = structureErrors(value);
  if (errors.length > 0) throw badMaglev(errors);
  return { documents: [maglevDocument(value)], prefixOf: () => '' };
}

function checkContent({ documents, prefixOf }: Parsed): ConfigCheck {
  const { valid, remainders, doubtful, failures } = surveyDocuments(documents, prefixOf);
  const located = valid.flat();
  const resources = located.map(({ resource }) => resource);
  const set = new Map(resources.map((resource) => [keyOf(resource), resource]));
  const found = checkSet(set, resources.map(refOf), doubtful);
  const places = new Map(located.map(({ resource, pointerTo }) => [keyOf(resource), pointerTo]));
  const loose = found.flatMap(({ ref, errors: ofOne }) =>
    ofOne.map(({ pointer, message }) => ({
      pointer: places.get(refKey(ref))?.(pointer) ?? pointer,
      message,
    })),
  );
  const lookupOf = lookupIn(set);
  const ofRemainders = remainders.flatMap(({ resource, pointerTo }) => {
    const lookup = lookupOf(resource);
    const errors = withoutDoubtful(referenceErrors(resource, lookup), doubtful);
    return errors.map(({ pointer, message }) => ({ pointer: pointerTo(pointer), message }));
  });
  const unfit = [...loose, ...ofRemainders];
  const excesses = new QuotaBook().excesses(resources.map((resource) => ({ op: 'put', resource })));
  const tooMany = quotaError(excesses, (ref, inside) => places.get(refKey(ref))?.(inside) ?? inside);
  const [first, ...others] = [
    ...failures,
    ...(unfit.length > 0 ? [invalid('the configuration does not fit together', unfit)] : []),
    ...(tooMany ? [tooMany] : []),
  ];
  if (first) throw joinedError([first, ...others]);
  const warnings = documents.flatMap((document, index) => {
    const own = document.set === MAGLEV_SET ? (valid[index] ?? []) : [];
    return maglevWarnings(
      document,
      own.map(({ resource }) => resource),
    ).map(({ pointer, message }) => ({ pointer: prefixOf(index) + pointer, message }));
  });
  return { resources, warnings };
}

function codedOf(error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  throw error;
}
