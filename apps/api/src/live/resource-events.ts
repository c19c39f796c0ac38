import { type Changeset, DEFAULT_PROJECT, refOf, type Resource, scopedName } from '@signalbox/contracts';
import type { EventContent } from './live-event.js';

/** What a changeset did, resource by resource. */
export function resourceEvents(revision: number, changeset: Changeset): EventContent[] {
  const { author, message, at } = changeset;
  return changeset.changes.map((change) => {
    const { apiVersion, kind, project, name } = change.op === 'put' ? refOf(change.resource) : change.ref;
    return eventAbout(kind, project, name, {
      op: change.op,
      revision,
      ...{ author, message, at },
      ...{ apiVersion, kind, name },
      ...(change.op === 'put' && {
        resource: change.resource,
        ...(change.set !== undefined && { set: change.set }),
      }),
    });
  });
}

/** A resource that stands, put by `revision`. */
export function standingResource(resource: Resource, revision: number, set: string | null): EventContent {
  const { apiVersion, kind, project, name } = refOf(resource);
  return eventAbout(kind, project, name, {
    op: 'put',
    revision,
    ...{ apiVersion, kind, name, resource },
    ...(set !== null && { set }),
    synthetic: true,
  });
}

function eventAbout(kind: string, project: string, name: string, data: object): EventContent {
  const own = project === DEFAULT_PROJECT ? {} : { project };
  return {
    kind: 'resource',
    scoped: scopedName(project, name),
    ...own,
    names: [`${kind}/${name}`],
    data: { ...own, ...data },
  };
}
