import { CodedError, parseDocuments, validateDocuments } from '@signalbox/contracts';
import type { GivenDocument } from './plan-changeset.js';

/**
 * The valid documents of a YAML or JSON text. The errors of all resources are reported together, with pointers that
 * start with the index of the document. Throws what `parseDocuments` throws and `validation-failed`.
 */
export function readGivenDocuments(text: string): GivenDocument[] {
  const documents = parseDocuments(text);
  if (documents.length === 0) {
    throw new CodedError(
      'validation-failed',
      'nothing is given: send at least one resource or Router bundle (an empty bundle empties its set)',
    );
  }
  const valid = validateDocuments(documents, (index) => `/${index}`);
  return documents.map(({ set }, index) => ({
    resources: (valid[index] ?? []).map(({ resource, pointerTo }) => ({
      resource,
      pointer: pointerTo(''),
      pointerTo,
    })),
    ...(set !== undefined && { set }),
  }));
}
