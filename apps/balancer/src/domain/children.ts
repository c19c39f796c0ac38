import type { Resource } from '@signalbox/contracts';

/** Resources by the one that each of them names, such as the rules of a policy. All names are scoped names. */
export class Children {
  private readonly parents = new Map<string, string>();
  private readonly children = new Map<string, Map<string, Resource>>();

  constructor(private readonly parentOf: (child: Resource) => string) {}

  /** One came or changed; without `resource` it left. Returns what it belonged or belongs to. */
  put(name: string, resource: Resource | undefined): Set<string> {
    const touched = this.touchedBy(name, resource);
    const before = this.parents.get(name);
    if (before !== undefined) {
      const others = this.children.get(before);
      others?.delete(name);
      if (others?.size === 0) this.children.delete(before);
    }
    this.parents.delete(name);
    if (!resource) return touched;
    const parent = this.parentOf(resource);
    this.parents.set(name, parent);
    const children = this.children.get(parent);
    if (children) children.set(name, resource);
    else this.children.set(parent, new Map([[name, resource]]));
    return touched;
  }

  /** What one belongs to, and would belong to if it became `resource`. */
  touchedBy(name: string, resource: Resource | undefined): Set<string> {
    const before = this.parents.get(name);
    const parents = [before, resource && this.parentOf(resource)];
    return new Set(parents.filter((parent) => parent !== undefined));
  }

  /** Those of each as they would be if these came, changed or (undefined) left; in the order in which {@link put} has them. */
  after(changed: ReadonlyMap<string, Resource | undefined>): (parent: string) => Iterable<Resource> {
    const come = new Map<string, Resource[]>();
    for (const resource of changed.values()) {
      if (!resource) continue;
      const parent = this.parentOf(resource);
      const siblings = come.get(parent);
      if (siblings) siblings.push(resource);
      else come.set(parent, [resource]);
    }
    return (parent) => {
      const stay = [...(this.children.get(parent) ?? [])].filter(([name]) => !changed.has(name));
      return [...stay.map(([, resource]) => resource), ...(come.get(parent) ?? [])];
    };
  }

  /** What one of them belongs to. */
  parent(name: string): string | undefined {
    return this.parents.get(name);
  }

  /** Those of one. */
  of(parent: string): Iterable<Resource> {
    return this.children.get(parent)?.values() ?? [];
  }
}
