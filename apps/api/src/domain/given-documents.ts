import {
  CodedError,
  type Document,
  type LocatedResource,
  readYaml,
  refOf,
  refText,
  type Resource,
  type ResourceRef,
  surveyDocuments,
  surveyValues,
} from '@signalbox/contracts';
import { isOfGroup, readKindName } from './kind-name.js';
import { documentsIn } from './in-one-project.js';
import type { GivenDocument } from './plan-changeset.js';

/** A request to apply as it was read: its valid documents, and what is wrong with the rest. */
export interface Given {
  readonly documents: readonly GivenDocument[];
  /** Of wrong resources, what can still be looked at: their references. */
  readonly remainders: readonly LocatedResource[];
  /** Keys of what is given with a wrong resource. */
  readonly doubtful: ReadonlySet<string>;
  readonly failures: readonly CodedError[];
}

/**
 * What a YAML or JSON text gives, all of it in one project when that is named. Pointers start with the index of the document.
 * Throws what `readYaml` throws, and `validation-failed` when the text holds nothing; what is wrong with documents and
 * resources is in `failures`.
 */
export function surveyText(text: string, project?: string): Given {
  const read = surveyValues(readYaml(text));
  const placed = project === undefined ? undefined : documentsIn(project, read.documents);
  const { documents } = placed ?? read;
  const failures = [...read.failures, ...(placed?.failures ?? [])];
  if (documents.length === 0) {
    throw new CodedError(
      'validation-failed',
      'nothing is given: send at least one resource or Router bundle (an empty bundle empties its set)',
    );
  }
  const given = survey(documents, (index) => `/${index}`);
  return { ...given, failures: [...failures, ...given.failures] };
}

/**
 * Resources that stood once, looked at as if somebody gave them now: this version may refuse what an older one took. Pointers start
 * with the kind and name of the resource.
 */
export function surveyResources(resources: readonly Resource[]): Given {
  const documents = resources.map((resource) => ({ resources: [resource] }));
  return survey(documents, (index) => `/${refText(refOf(resources[index]!))}`);
}

/** The one resource that is given, and nothing else: the key of it. Throws `validation-failed` when it is not the one that is named. */
export function onlyResource({ documents }: Given, kind: string, name: string): ResourceRef {
  const [given, ...others] = documents.flatMap(({ resources }) => resources);
  const isAlone = given && others.length === 0 && documents.every(({ set }) => set === undefined);
  const ref = isAlone ? refOf(given.resource) : undefined;
  const named = readKindName(kind);
  if (ref && ref.kind === named.kind && isOfGroup(ref.apiVersion, named) && ref.name === name) return ref;
  throw new CodedError(
    'validation-failed',
    `the body must be the one resource that the path names, ${kind}/${name}${ref ? `, not ${refText(ref)}` : ''}`,
  );
}

function survey(documents: readonly Document[], placeOf: (index: number) => string): Given {
  const survey = surveyDocuments(documents, placeOf);
  return {
    ...survey,
    documents: documents.map(({ set, withoutEffect = [] }, index) => ({
      resources: (survey.valid[index] ?? []).map(({ resource, pointerTo }) => ({
        resource,
        pointer: pointerTo(''),
        pointerTo,
      })),
      ...(withoutEffect.length > 0 && { withoutEffect }),
      ...(set !== undefined && { set }),
    })),
  };
}
