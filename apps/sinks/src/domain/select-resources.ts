import { keyOf, refOf, type Resource, type SinkSelection, withoutProvenance } from '@signalbox/contracts';

/**
 * The resources that fit everything that is given, in the order of their identities, without the annotations that say where a
 * resource comes from: these change with each renewal, and no program reads them. Absent: all of them.
 */
export function selectResources(resources: Iterable<Resource>, selection?: SinkSelection): Resource[] {
  const selected: [string, Resource][] = [];
  for (const resource of resources)
    if (isSelected(resource, selection)) selected.push([keyOf(resource), withoutProvenance(resource)]);
  return selected.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, resource]) => resource);
}

/** Whether a resource fits everything that is given: any of the kinds, of the names, of the projects, and all of the labels. */
export function isSelected(resource: Resource, selection: SinkSelection = {}): boolean {
  const { kinds, names, labels, projects } = selection;
  const { apiVersion, kind, name, project } = refOf(resource);
  return (
    (!kinds || kinds.includes(kind) || kinds.includes(`${apiVersion}/${kind}`)) &&
    (!names || names.some((pattern) => fits(name, pattern))) &&
    (!projects || projects.includes(project)) &&
    (!labels || Object.entries(labels).every(([label, value]) => resource.metadata.labels?.[label] === value))
  );
}

/** A `*` at the end of a pattern stands for any rest. */
function fits(name: string, pattern: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
