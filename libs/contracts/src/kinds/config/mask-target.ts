import { DEFAULT_PROJECT, type ResourceRef } from '../../resource.js';

/** One operator resource, exactly. `project` is ours, default `default`. Reference 7.1. */
export interface MaskTarget {
  readonly apiVersion: string;
  readonly kind: string;
  readonly project?: string;
  readonly name: string;
}

/** The identity of a target. */
export function maskTargetRef({
  apiVersion,
  kind,
  project = DEFAULT_PROJECT,
  name,
}: MaskTarget): ResourceRef {
  return { apiVersion, kind, project, name };
}
