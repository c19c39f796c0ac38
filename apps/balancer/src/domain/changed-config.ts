import {
  BALANCE_API,
  refOf,
  type Resource,
  type ResourceChange,
  type ResourceRef,
  scopedName,
} from '@signalbox/contracts';
import type { Find } from './listener-parts.js';

const NOTHING: ReadonlyMap<string, Resource | undefined> = new Map();

/** Changes of the effective config that are not made: what is about load balancing, in the order in which it is given. */
export class ChangedConfig {
  readonly refs: readonly ResourceRef[];
  private readonly kinds = new Map<string, Map<string, Resource | undefined>>();

  constructor(changes: readonly ResourceChange[]) {
    const ours = changes
      .map((change): [ResourceRef, Resource | undefined] =>
        change.op === 'put' ? [refOf(change.resource), change.resource] : [change.ref, undefined],
      )
      .filter(([{ apiVersion }]) => apiVersion === BALANCE_API);
    this.refs = ours.map(([ref]) => ref);
    for (const [{ kind, project, name }, resource] of ours) {
      const named = this.kinds.get(kind) ?? new Map<string, Resource | undefined>();
      this.kinds.set(kind, named.set(scopedName(project, name), resource));
    }
  }

  /** Changed resources of a kind by their scoped names; undefined: it leaves. */
  of(kind: string): ReadonlyMap<string, Resource | undefined> {
    return this.kinds.get(kind) ?? NOTHING;
  }

  /** Finds what there would be, when `find` finds what there is. */
  over(find: Find): Find {
    return (kind, name) => {
      const changed = this.of(kind);
      return changed.has(name) ? changed.get(name) : find(kind, name);
    };
  }
}
