import { type Document, pointerIn } from './document.js';
import type { CodedError } from './errors.js';
import { refIn, refKey, type Resource } from './resource.js';
import { examineResource, joinedError, movedError } from './validate.js';

/** A valid resource, and where in the given text something inside it stands: JSON Pointer → JSON Pointer. */
export interface LocatedResource {
  readonly resource: Resource;
  readonly pointerTo: (inside: string) => string;
}

/** The resources of some documents, and all that is wrong with them. */
export interface DocumentSurvey {
  /** The valid resources of each document. */
  readonly valid: readonly (readonly LocatedResource[])[];
  /** Of wrong resources, what can still be looked at: their references. */
  readonly remainders: readonly LocatedResource[];
  /** Identities that are given with a wrong resource, by key: nothing can be said about what refers to them. */
  readonly doubtful: ReadonlySet<string>;
  readonly failures: readonly CodedError[];
}

/** Examines the resources of each document. Pointers start with what `prefixOf` says of the index of the document. */
export function surveyDocuments(
  documents: readonly Document[],
  prefixOf: (index: number) => string,
): DocumentSurvey {
  const remainders: LocatedResource[] = [];
  const doubtful = new Set<string>();
  const failures: CodedError[] = [];
  const valid = documents.map((document, index) =>
    document.resources.flatMap((input, at): LocatedResource[] => {
      const pointerTo = (inside: string): string => prefixOf(index) + pointerIn(document, at, inside);
      // the shape of its bundle says so already
      if (document.set !== undefined && (typeof input !== 'object' || input === null)) return [];
      const { resource, error, remainder } = examineResource(input);
      if (resource) return [{ resource, pointerTo }];
      if (error) failures.push(movedError(error, pointerTo));
      if (remainder) remainders.push({ resource: remainder, pointerTo });
      const ref = refIn(input);
      if (ref) doubtful.add(refKey(ref));
      return [];
    }),
  );
  return { valid, remainders, doubtful, failures };
}

/**
 * The valid resources of each document, see {@link surveyDocuments}.
 * Throws `validation-failed` or `unknown-kind` with the errors of all resources together.
 */
export function validateDocuments(
  documents: readonly Document[],
  prefixOf: (index: number) => string,
): readonly (readonly LocatedResource[])[] {
  const { valid, failures } = surveyDocuments(documents, prefixOf);
  const [first, ...others] = failures;
  if (first) throw joinedError([first, ...others]);
  return valid;
}
