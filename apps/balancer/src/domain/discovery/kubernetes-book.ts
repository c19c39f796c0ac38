import type { SourceContent } from './endpoint.js';
import { joinPieces, pieceOf, type ServicePiece } from './kubernetes-content.js';
import { frameOf, type FrameSource, type ServiceFrame } from './kubernetes-frame.js';
import {
  type KubernetesObject,
  type KubernetesService,
  type KubernetesSlice,
  objectKey,
} from './kubernetes-objects.js';

/** Something of one kind that came, changed or, without `object`, left. */
export interface ObjectChange<T extends KubernetesObject> {
  /** See {@link objectKey}. */
  readonly key: string;
  readonly object?: T;
}

/** A Service with what becomes of it. */
interface Entry {
  readonly service: KubernetesService;
  readonly frame: ServiceFrame;
}

/**
 * The Services and EndpointSlices of a cluster, and what they bring: the same as `kubernetesContent` of all of them, at the cost
 * of what changed. Every change gives back the keys of the Services that it is about and that brought or bring something.
 */
export class KubernetesBook {
  private readonly entries = new Map<string, Entry>();
  private readonly slices = new Map<string, KubernetesSlice>();
  /** Slices by the key of their Service. */
  private readonly ofService = new Map<string, Map<string, KubernetesSlice>>();
  /** Of Services that bring something or have something refused. */
  private readonly pieces = new Map<string, ServicePiece>();
  /** Keys of {@link pieces} in order; absent: to be sorted. */
  private order: readonly string[] | undefined;

  constructor(private readonly source: FrameSource) {}

  /** A Service as it was told last. */
  service(key: string): KubernetesService | undefined {
    return this.entries.get(key)?.service;
  }

  /** What becomes of a Service; undefined for one that brings nothing. */
  frame(key: string): ServiceFrame | undefined {
    const frame = this.entries.get(key)?.frame;
    return frame && frame.loadBalancers.length > 0 ? frame : undefined;
  }

  /** Keys of all Services that bring something. */
  *served(): Iterable<string> {
    for (const [key, { frame }] of this.entries) if (frame.loadBalancers.length > 0) yield key;
  }

  changeServices(changes: readonly ObjectChange<KubernetesService>[]): Set<string> {
    const touched = new Set<string>();
    for (const { key, object } of changes) {
      if (object) this.entries.set(key, { service: object, frame: frameOf(this.source, object) });
      else this.entries.delete(key);
      touched.add(key);
    }
    return this.settle(touched);
  }

  changeSlices(changes: readonly ObjectChange<KubernetesSlice>[]): Set<string> {
    const touched = new Set<string>();
    for (const { key, object } of changes) {
      const before = this.slices.get(key);
      if (before) this.unlink(key, before, touched);
      if (object) this.link(key, object, touched);
      else this.slices.delete(key);
    }
    return this.settle(touched);
  }

  /** These are all the Services there are. */
  replaceServices(services: readonly KubernetesService[]): Set<string> {
    return this.changeServices(differences(services, (key) => this.entries.get(key)?.service, this.entries));
  }

  /** These are all the EndpointSlices there are. */
  replaceSlices(slices: readonly KubernetesSlice[]): Set<string> {
    return this.changeSlices(differences(slices, (key) => this.slices.get(key), this.slices));
  }

  /** Everything there is. What no change was about is made of the same objects as before. */
  content(): SourceContent {
    this.order ??= [...this.pieces.keys()].sort();
    return joinPieces(this.order.map((key) => this.pieces.get(key)!));
  }

  private settle(touched: Set<string>): Set<string> {
    const settled = new Set<string>();
    for (const key of touched) {
      const frame = this.entries.get(key)?.frame;
      const had = this.pieces.has(key);
      const has = frame !== undefined && (frame.resources.length > 0 || frame.refused.length > 0);
      if (has) this.pieces.set(key, pieceOf(frame, this.ofService.get(key)?.values() ?? []));
      else this.pieces.delete(key);
      if (had !== has) this.order = undefined;
      if (had || has) settled.add(key);
    }
    return settled;
  }

  private link(key: string, slice: KubernetesSlice, touched: Set<string>): void {
    this.slices.set(key, slice);
    const owner = ownerOf(slice);
    if (owner === undefined) return;
    const siblings = this.ofService.get(owner);
    if (siblings) siblings.set(key, slice);
    else this.ofService.set(owner, new Map([[key, slice]]));
    touched.add(owner);
  }

  private unlink(key: string, slice: KubernetesSlice, touched: Set<string>): void {
    const owner = ownerOf(slice);
    if (owner === undefined) return;
    const siblings = this.ofService.get(owner);
    siblings?.delete(key);
    if (siblings?.size === 0) this.ofService.delete(owner);
    touched.add(owner);
  }
}

function ownerOf({ namespace, service }: KubernetesSlice): string | undefined {
  return service === undefined ? undefined : objectKey({ namespace, name: service });
}

/** What is another than before, by version, and what is no longer there. */
function differences<T extends KubernetesObject>(
  objects: readonly T[],
  known: (key: string) => T | undefined,
  before: ReadonlyMap<string, unknown>,
): readonly ObjectChange<T>[] {
  const now = new Map(objects.map((object) => [objectKey(object), object]));
  const gone = [...before.keys()].filter((key) => !now.has(key));
  const changed = [...now].filter(([key, object]) => known(key)?.version !== object.version);
  return [...gone.map((key) => ({ key })), ...changed.map(([key, object]) => ({ key, object }))];
}
