import type { RunFact } from './records/run-record.js';
import type { Resource } from './resource.js';

/** The four annotations that say where a produced resource comes from (spec/plugins-and-config "Parts"). */
export const PROVENANCE = {
  owner: 'routerd.net/dynamic-source',
  group: 'routerd.net/event-group',
  factIds: 'routerd.net/event-id',
  subjects: 'routerd.net/event-subject',
} as const;

const NAMES: ReadonlySet<string> = new Set(Object.values(PROVENANCE));

/** Who produced a resource, from which facts. */
export interface Provenance {
  readonly owner: string;
  /** Absent: it comes from no facts. */
  readonly group?: string;
  readonly facts: readonly Pick<RunFact, 'id' | 'subject'>[];
}

/** The resource without the four annotations: what digests and comparisons look at. */
export function withoutProvenance(resource: Resource): Resource {
  const { annotations, ...metadata } = resource.metadata;
  if (annotations === undefined) return resource;
  const own = Object.entries(annotations).filter(([name]) => !NAMES.has(name));
  return {
    ...resource,
    metadata: own.length === 0 ? metadata : { ...metadata, annotations: Object.fromEntries(own) },
  };
}

/** The resource with the four annotations of its producer; what the plugin forged there is overwritten. */
export function withProvenance(resource: Resource, { owner, group, facts }: Provenance): Resource {
  const own = withoutProvenance(resource);
  const subjects = facts.map(({ subject }) => subject).filter((subject) => subject !== '');
  return {
    ...own,
    metadata: {
      ...own.metadata,
      annotations: {
        ...own.metadata.annotations,
        [PROVENANCE.owner]: owner,
        ...(group !== undefined && {
          [PROVENANCE.group]: group,
          [PROVENANCE.factIds]: facts.map(({ id }) => id).join(','),
        }),
        ...(subjects.length > 0 && { [PROVENANCE.subjects]: subjects.join(',') }),
      },
    },
  };
}
