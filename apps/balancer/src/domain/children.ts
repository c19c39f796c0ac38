import type { Resource } from '@signalbox/contracts';

/** Resources by the one that each of them names, such as the rules of a policy. All names are scoped names. */
export class Children {
  private readonly parents = new Map<string, string>();
  private readonly children = new Map<string, Map<string, Resource>>();

  constructor(private readonly parentOf: (child: Resource) => string) {}

  /** One came or changed; without `resource` it left. Returns what it belonged or belongs to. */
  put(name: string, resource: Resource | undefined): Set<string> {
    const touched = new Set<string>();
    const before = this.parents.get(name);
    if (before !== undefined) {
      touched.add(before);
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
    return touched.add(parent);
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
