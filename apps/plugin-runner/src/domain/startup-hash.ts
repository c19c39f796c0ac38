import { digestOf, keyOf, type Resource } from '@signalbox/contracts';

/** What a request calls `startupConfigHash`: sha256 over the operator resources in canonical order. Reference 6.4. */
export function startupHashOf(resources: readonly Resource[]): string {
  const keyed = resources.map((resource) => ({ key: keyOf(resource), resource }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : 1));
  return digestOf(keyed.map(({ resource }) => resource));
}
