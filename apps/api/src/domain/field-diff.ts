import { canonicalJson, pointerToken } from '@signalbox/contracts';

/** One difference between two versions of a resource; a member that is absent on one side has no value there. */
export interface FieldChange {
  /** JSON Pointer into the resource. */
  readonly path: string;
  readonly from?: unknown;
  readonly to?: unknown;
}

/** Most differences that are listed one by one; with more, whole members are named instead. */
export const LISTED_CHANGES = 100;

/**
 * What differs between two JSON values, as deep as it can be said, sorted by member name. List items are compared by
 * position. More than {@link LISTED_CHANGES} differences are told by their outermost members.
 */
export function diffFields(from: unknown, to: unknown): FieldChange[] {
  for (let depth = Number.POSITIVE_INFINITY; ; depth = depth === Number.POSITIVE_INFINITY ? 2 : depth - 1) {
    const changes = [...differences(from, to, '', depth)];
    if (changes.length <= LISTED_CHANGES || depth === 0) return changes;
  }
}

function* differences(from: unknown, to: unknown, path: string, depth: number): Generator<FieldChange> {
  if (from === undefined && to === undefined) return;
  if (from !== undefined && to !== undefined && canonicalJson(from) === canonicalJson(to)) return;
  const before = membersOf(from);
  const after = membersOf(to);
  if (depth === 0 || !before || !after || Array.isArray(from) !== Array.isArray(to)) {
    yield { path, ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
    return;
  }
  const names = [...new Set([...before.keys(), ...after.keys()])];
  if (!Array.isArray(from)) names.sort();
  for (const name of names) {
    yield* differences(before.get(name), after.get(name), `${path}/${pointerToken(name)}`, depth - 1);
  }
}

function membersOf(value: unknown): Map<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : undefined;
}
