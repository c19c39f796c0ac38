import { type Document, pointerIn } from './document.js';
import { CodedError, type FieldError } from './errors.js';
import type { Resource } from './resource.js';
import { validateResource } from './validate.js';

/** A valid resource, and where in the given text something inside it stands: JSON Pointer → JSON Pointer. */
export interface LocatedResource {
  readonly resource: Resource;
  readonly pointerTo: (inside: string) => string;
}

/**
 * The valid resources of each document. Pointers start with what `prefixOf` says of the index of the document.
 * Throws `validation-failed` with the errors of all resources together.
 */
export function validateDocuments(
  documents: readonly Document[],
  prefixOf: (index: number) => string,
): (readonly LocatedResource[])[] {
  const failures: CodedError[] = [];
  const valid = documents.map((document, index) =>
    document.resources.flatMap((input, at): LocatedResource[] => {
      const pointerTo = (inside: string): string => prefixOf(index) + pointerIn(document, at, inside);
      const resource = validated(input, pointerTo, failures);
      return resource ? [{ resource, pointerTo }] : [];
    }),
  );
  const [first] = failures;
  if (!first) return valid;
  throw new CodedError(
    'validation-failed',
    first.message,
    failures.flatMap(({ errors }) => errors),
  );
}

function validated(
  input: unknown,
  pointerTo: (inside: string) => string,
  failures: CodedError[],
): Resource | undefined {
  try {
    return validateResource(input);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    const errors = error.errors.map(({ pointer, message }): FieldError => ({
      pointer: pointerTo(pointer),
      message,
    }));
    failures.push(new CodedError('validation-failed', error.message, errors));
    return undefined;
  }
}
