import {
  frontendPoolName,
  type PoolMemberSpec,
  refOf,
  type Resource,
  scopedName,
  specOf,
} from '@signalbox/contracts';

/** PoolMembers by the Pool that they join; a pool of a Frontend is the Pool that it stands for. */
export class PoolMembers {
  private readonly pools = new Map<string, string>();
  private readonly members = new Map<string, Map<string, Resource>>();

  /**
   * A PoolMember came or changed; without `resource` it left. Returns the scoped names of the Pools that it was or is in.
   */
  put(name: string, resource: Resource | undefined): Set<string> {
    const touched = new Set<string>();
    const before = this.pools.get(name);
    if (before !== undefined) {
      touched.add(before);
      this.members.get(before)?.delete(name);
    }
    this.pools.delete(name);
    if (!resource) return touched;
    const pool = poolOf(resource);
    this.pools.set(name, pool);
    const members = this.members.get(pool);
    if (members) members.set(name, resource);
    else this.members.set(pool, new Map([[name, resource]]));
    return touched.add(pool);
  }

  /** PoolMembers of the Pool of a scoped name. */
  of(pool: string): Iterable<Resource> {
    return this.members.get(pool)?.values() ?? [];
  }
}

function poolOf(member: Resource): string {
  const { frontendRef = '', pool = '', poolRef } = specOf<PoolMemberSpec>(member);
  return scopedName(refOf(member).project, poolRef ?? frontendPoolName(frontendRef, pool));
}
