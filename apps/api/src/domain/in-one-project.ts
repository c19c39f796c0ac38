import { type CodedError, type Document, type FieldError, invalid, pointerIn } from '@signalbox/contracts';

/** Documents as they are meant in one project, and what is wrong with that. */
export interface PlacedDocuments {
  readonly documents: readonly Document[];
  readonly failures: readonly CodedError[];
}

/**
 * Puts everything that documents declare into a project: what names no project stands there, and what names another one is an
 * error, and is looked at as if it did not. Their sets are those of the project, so that two projects may call theirs alike.
 * Pointers start with the index of the document.
 */
export function documentsIn(project: string, documents: readonly Document[]): PlacedDocuments {
  const errors: FieldError[] = [];
  const placed = documents.map((document, index): Document => {
    const resources = document.resources.map((input, at) => {
      const { metadata } = Object(input) as { metadata?: unknown };
      if (typeof metadata !== 'object' || metadata === null) return input;
      const { project: own = project } = metadata as { project?: unknown };
      if (own !== project) {
        const pointer = `/${index}${pointerIn(document, at, '/metadata/project')}`;
        errors.push({ pointer, message: `must be ${project}, or left out: nothing else is changed here` });
      }
      return { ...(input as object), metadata: { ...metadata, project } };
    });
    return {
      ...document,
      resources,
      ...(document.set !== undefined && { set: setIn(project, document.set) }),
    };
  });
  const failures = errors.length > 0 ? [invalid('the documents name another project', errors)] : [];
  return { documents: placed, failures };
}

/** The name of a set of a project: no other project, and nothing of the whole site, has a set of this name. */
export function setIn(project: string, set: string): string {
  return `${project}/${set}`;
}
