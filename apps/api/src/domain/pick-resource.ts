import { CodedError, DEFAULT_PROJECT, type ResourceRef, refOf, refText } from '@signalbox/contracts';
import { isOfGroup, readKindName, unknownKind } from './kind-name.js';
import type { Standing } from './plan-changeset.js';

/** How a route names a resource: people rarely know its apiVersion. */
export interface ResourceName {
  /** See `KindName`. */
  readonly kind: string;
  readonly name: string;
  readonly project?: string;
  readonly apiVersion?: string;
}

/**
 * The only candidate. Throws `not-found`, and `validation-failed` when kinds of this name in several API groups have
 * such a resource and the caller did not say which.
 */
export function pickResource<T extends { readonly apiVersion: string }>(
  wanted: ResourceName,
  candidates: readonly T[],
): T {
  const { kind, name, project = DEFAULT_PROJECT, apiVersion = '' } = wanted;
  const text = refText({ apiVersion, kind, project, name });
  const [found, ...others] = candidates;
  if (!found) {
    throw new CodedError(
      'not-found',
      `there is no ${text}: GET /v1/resources?kind=${kind} lists what there is`,
    );
  }
  if (others.length === 0) return found;
  const versions = candidates.map((one) => one.apiVersion).join(', ');
  const named = `${readKindName(kind).kind}.${found.apiVersion.split('/')[0]}`;
  throw new CodedError(
    'validation-failed',
    `${text} exists as ${versions}: say which by apiVersion= or by its group, such as ${named}`,
    [{ pointer: '/apiVersion', message: `must be one of ${versions}` }],
  );
}

/** Names of the kinds that stand; in a project when one is named, which does not learn of those of others. */
export function kindsOf(standing: Standing, project?: string): Set<string> {
  const all = [...standing.values()].map(({ resource }) => resource);
  const seen = project === undefined ? all : all.filter((one) => refOf(one).project === project);
  return new Set(seen.map(({ kind }) => kind));
}

/** Identity of a standing resource by its name; throws like {@link pickResource}. */
export function findStanding(standing: Standing, wanted: ResourceName): ResourceRef {
  const { kind, name, project = DEFAULT_PROJECT, apiVersion } = wanted;
  const named = readKindName(kind);
  const refs = [...standing.values()]
    .filter(({ resource }) => resource.kind === named.kind && resource.metadata.name === name)
    .map(({ resource }) => refOf(resource))
    .filter((ref) => ref.project === project && isOfGroup(ref.apiVersion, named))
    .filter((ref) => apiVersion === undefined || ref.apiVersion === apiVersion);
  const unknown = refs.length > 0 ? undefined : unknownKind(kind, kindsOf(standing, wanted.project));
  if (unknown) throw unknown;
  return pickResource(wanted, refs);
}
