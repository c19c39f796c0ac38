import { CodedError, DEFAULT_PROJECT, type ResourceRef, refOf, refText } from '@signalbox/contracts';
import type { Standing } from './plan-changeset.js';

/** How a route names a resource: people rarely know its apiVersion. */
export interface ResourceName {
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
  throw new CodedError('validation-failed', `${text} exists as ${versions}: say which by apiVersion=`, [
    { pointer: '/apiVersion', message: `must be one of ${versions}` },
  ]);
}

/** Identity of a standing resource by its name; throws like {@link pickResource}. */
export function findStanding(standing: Standing, wanted: ResourceName): ResourceRef {
  const { kind, name, project = DEFAULT_PROJECT, apiVersion } = wanted;
  const refs = [...standing.values()]
    .filter(({ resource }) => resource.kind === kind && resource.metadata.name === name)
    .map(({ resource }) => refOf(resource))
    .filter((ref) => ref.project === project && (apiVersion === undefined || ref.apiVersion === apiVersion));
  return pickResource(wanted, refs);
}
