import { DEFAULT_PROJECT, type ResourceRef } from '../../resource.js';

/** One operator resource, exactly. `project` is ours, default `default`. Reference 7.1. */
export interface MaskTarget {
  /** Of the resource. */
  readonly apiVersion: string;
  /** Of the resource. */
  readonly kind: string;
  /** Of the resource, default `default`. */
  readonly project?: string;
  /** Of the resource. */
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
