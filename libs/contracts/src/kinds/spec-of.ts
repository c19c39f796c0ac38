import type { Resource } from '../resource.js';

/** The spec of a validated resource as the type that its kind's schema accepts. */
export function specOf<Spec>(resource: Resource): Spec {
  return resource.spec as unknown as Spec;
}
