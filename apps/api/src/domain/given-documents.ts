import {
  CodedError,
  type FieldError,
  parseDocuments,
  type Resource,
  validateResource,
} from '@signalbox/contracts';
import type { GivenDocument, GivenResource } from './plan-changeset.js';

/**
 * The valid documents of a YAML or JSON text. The errors of all resources are reported together, with pointers that
 * start with the index of the document. Throws what `parseDocuments` throws and `validation-failed`.
 */
export function readGivenDocuments(text: string): GivenDocument[] {
  const failures: CodedError[] = [];
  const documents = parseDocuments(text).map(({ set, resources }, index): GivenDocument => {
    const pointerOf = (at: number): string =>
      set === undefined ? `/${index}` : `/${index}/spec/resources/${at}`;
    const valid = resources.flatMap((input, at): GivenResource[] => {
      const pointer = pointerOf(at);
      const resource = validated(input, pointer, failures);
      return resource ? [{ resource, pointer }] : [];
    });
    return { resources: valid, ...(set !== undefined && { set }) };
  });
  if (documents.length === 0) {
    throw new CodedError(
      'validation-failed',
      'nothing is given: send at least one resource or Router bundle (an empty bundle empties its set)',
    );
  }
  const [first] = failures;
  if (first)
    throw new CodedError(
      'validation-failed',
      first.message,
      failures.flatMap(({ errors }) => errors),
    );
  return documents;
}

function validated(input: unknown, pointer: string, failures: CodedError[]): Resource | undefined {
  try {
    return validateResource(input);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    const errors = error.errors.map((one): FieldError => ({
      pointer: pointer + one.pointer,
      message: one.message,
    }));
    failures.push(new CodedError('validation-failed', error.message, errors));
    return undefined;
  }
}
