import { type EffectiveRecord, type EffectiveResource, refKey, type ResourceRef } from '@signalbox/contracts';
import type { Resolution } from './claims.js';
import { ConfigDigest } from './config-digest.js';
import { compareText, keyed } from './keyed-resource.js';

/** One identity of a recorded generation. */
export interface RecordedEntry {
  readonly ref: ResourceRef;
  readonly contentDigest: string;
}

/** What the effective config is now against the last recorded generation, each list in canonical order. */
export interface Differences {
  readonly added: readonly EffectiveResource[];
  readonly changed: readonly EffectiveResource[];
  readonly removed: readonly ResourceRef[];
}

/**
 * The effective config as it is now, its digest, and what the last recorded generation says. The identities in which
 * the two differ are kept while they differ, so that a generation costs its changes.
 */
export class EffectiveView {
  private readonly entries = new Map<string, Resolution>();
  private readonly digests = new ConfigDigest();
  private readonly baseline = new Map<string, RecordedEntry>();
  private readonly differing = new Set<string>();
  private recorded: number;

  constructor(generation: number, entries: readonly RecordedEntry[]) {
    this.recorded = generation;
    for (const entry of entries) {
      const key = refKey(entry.ref);
      this.baseline.set(key, entry);
      this.differing.add(key);
    }
  }

  /** Number of the last recorded generation. */
  get generation(): number {
    return this.recorded;
  }

  get size(): number {
    return this.entries.size;
  }

  get digest(): string {
    return this.digests.value();
  }

  find(key: string): EffectiveResource | undefined {
    const entry = this.entries.get(key);
    return entry && effectiveResource(entry);
  }

  render(): EffectiveResource[] {
    return [...this.entries.values()].sort(byKey).map(effectiveResource);
  }

  set(key: string, entry: Resolution | undefined): void {
    if (entry === undefined) {
      this.entries.delete(key);
      this.digests.delete(key);
    } else {
      this.entries.set(key, entry);
      this.digests.set(key, entry.keyed.digest);
    }
    this.compare(key);
  }

  /** Takes over a chunk of a recorded generation. */
  record({ generation, added, changed, removed }: EffectiveRecord): void {
    this.recorded = generation;
    for (const { resource } of [...added, ...changed]) {
      const { key, ref, digest } = keyed(resource);
      this.baseline.set(key, { ref, contentDigest: digest });
      this.compare(key);
    }
    for (const ref of removed) {
      const key = refKey(ref);
      this.baseline.delete(key);
      this.compare(key);
    }
  }

  /** Undefined when the content is what the last generation says. */
  differences(): Differences | undefined {
    if (this.differing.size === 0) return undefined;
    const added: EffectiveResource[] = [];
    const changed: EffectiveResource[] = [];
    const removed: ResourceRef[] = [];
    for (const key of [...this.differing].sort(compareText)) {
      const entry = this.entries.get(key);
      const before = this.baseline.get(key);
      if (entry !== undefined) (before === undefined ? added : changed).push(effectiveResource(entry));
      else if (before !== undefined) removed.push(before.ref);
    }
    return { added, changed, removed };
  }

  private compare(key: string): void {
    const is = this.entries.get(key)?.keyed.digest;
    if (is === this.baseline.get(key)?.contentDigest) this.differing.delete(key);
    else this.differing.add(key);
  }
}

/** The form in which an identity leaves the renderer. */
export function effectiveResource({ keyed: { resource }, holder, revision }: Resolution): EffectiveResource {
  return {
    resource,
    ...(holder && { part: { source: holder.part.source, generation: holder.part.generation } }),
    ...(revision !== undefined && { revision }),
  };
}

/** Canonical order: by (apiVersion, kind, project, name). */
export function byKey(a: Resolution, b: Resolution): number {
  return compareText(a.keyed.key, b.keyed.key);
}
