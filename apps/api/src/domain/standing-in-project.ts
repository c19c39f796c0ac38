import {
  PROJECT,
  isOfKind,
  refOf,
  refText,
  type Resource,
  type ResourceChange,
  type ResourceErrors,
} from '@signalbox/contracts';

/** How many resources a refusal names before it counts the rest. */
const NAMED = 5;

/**
 * Errors of Projects that a change deletes while resources stand in them: these would be of no org from then on. `after` is
 * everything as it would stand. Looks at it only when a Project is deleted. ADR 0029.
 */
export function occupiedProjects(
  changes: readonly ResourceChange[],
  after: Iterable<Resource>,
): readonly ResourceErrors[] {
  const deleted = changes.flatMap((change) =>
    change.op === 'delete' && isOfKind(change.ref, PROJECT) ? [change.ref] : [],
  );
  if (deleted.length === 0) return [];
  const standing = new Map(deleted.map(({ name }): [string, Resource[]] => [name, []]));
  for (const resource of after) standing.get(refOf(resource).project)?.push(resource);
  return deleted.flatMap((ref) => {
    const within = standing.get(ref.name) ?? [];
    if (within.length === 0) return [];
    const named = within
      .slice(0, NAMED)
      .map((resource) => refText(refOf(resource)))
      .join(', ');
    const more = within.length > NAMED ? ` and ${within.length - NAMED} more` : '';
    const message = `has ${named}${more} in it: delete them first`;
    return [{ ref, errors: [{ pointer: '', message, missing: ref }] }];
  });
}
