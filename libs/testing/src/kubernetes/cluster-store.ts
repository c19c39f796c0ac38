import type { ClusterObject } from './cluster-object.js';

/** What a watch is told of. */
export interface ClusterEvent {
  readonly version: number;
  readonly resource: string;
  readonly object: ClusterObject;
  /** As it was before; absent: it is new. */
  readonly before?: ClusterObject;
  readonly isDeleted: boolean;
}

/** A page of a list. */
export interface ClusterPage {
  readonly version: number;
  readonly items: readonly ClusterObject[];
  /** How many are behind it. */
  readonly remaining: number;
  /** Leads to the next page. */
  readonly next?: string;
}

/**
 * The objects of a cluster and what happened to them, as etcd keeps them: one number counts all changes, and the history is
 * forgotten by {@link compact}.
 */
export class ClusterStore {
  /** Of the newest change. */
  version = 1000;
  private readonly objects = new Map<string, Map<string, ClusterObject>>();
  private history: ClusterEvent[] = [];
  /** Changes up to this one are forgotten. */
  private forgotten = this.version;
  /** Lists that are being read page by page: all of them stay as they were at the first page. */
  private readonly snapshots = new Map<number, readonly ClusterObject[]>();
  private readonly listeners = new Set<(event: ClusterEvent) => void>();

  get(resource: string, key: string): ClusterObject | undefined {
    return this.objects.get(resource)?.get(key);
  }

  /** Creates or replaces; undefined: deletes. */
  set(resource: string, key: string, object: ClusterObject | undefined): void {
    const kept = this.objects.get(resource) ?? new Map<string, ClusterObject>();
    this.objects.set(resource, kept);
    const before = kept.get(key);
    const told = object ?? before;
    if (!told) return;
    this.version += 1;
    const metadata = { ...told.metadata, resourceVersion: String(this.version) };
    const after: ClusterObject = { ...told, metadata };
    if (object) kept.set(key, after);
    else kept.delete(key);
    const event: ClusterEvent = {
      version: this.version,
      resource,
      object: after,
      ...(before && { before }),
      isDeleted: !object,
    };
    this.history.push(event);
    for (const listener of this.listeners) listener(event);
  }

  /** All that `select` takes, in order of their keys; `token` leads to a later page. Undefined: the token is too old. */
  page(
    resource: string,
    select: (object: ClusterObject) => boolean,
    limit: number,
    token?: string,
  ): ClusterPage | undefined {
    const { version, from } = token === undefined ? { version: this.version, from: 0 } : readToken(token);
    const kept = this.objects.get(resource) ?? new Map<string, ClusterObject>();
    const all =
      token === undefined
        ? [...kept.keys()]
            .sort()
            .map((key) => kept.get(key)!)
            .filter(select)
        : this.snapshots.get(version);
    if (!all) return undefined;
    const items = all.slice(from, from + limit);
    const end = from + items.length;
    const remaining = all.length - end;
    if (remaining > 0) this.snapshots.set(version, all);
    return { version, items, remaining, ...(remaining > 0 && { next: writeToken(version, end) }) };
  }

  /** What happened after a version, oldest first. Undefined: it is too old to say. */
  since(version: number): readonly ClusterEvent[] | undefined {
    return version < this.forgotten ? undefined : this.history.filter((event) => event.version > version);
  }

  /** Forgets everything but what there is now. */
  compact(): void {
    this.history = [];
    this.forgotten = this.version;
    this.snapshots.clear();
  }

  /** Calls `listener` with each change to come, until the function that comes back is called. */
  onEvent(listener: (event: ClusterEvent) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }
}

function writeToken(version: number, from: number): string {
  return Buffer.from(`${version} ${from}`).toString('base64url');
}

function readToken(token: string): { readonly version: number; readonly from: number } {
  const [version, from] = Buffer.from(token, 'base64url').toString().split(' ').map(Number);
  return { version: version ?? 0, from: from ?? 0 };
}
