import { setTimeout as sleep } from 'node:timers/promises';
import { pauseMs } from '../../domain/discovery/kubernetes-back-off.js';
import type { ObjectChange } from '../../domain/discovery/kubernetes-book.js';
import { type KubernetesObject, objectKey, readVersion } from '../../domain/discovery/kubernetes-objects.js';
import type { ApiClient } from './api-client.js';
import { ApiFailure, asFailure } from './api-failure.js';
import { KUBERNETES_LIMITS, type KubernetesTimings } from './kubernetes-limits.js';

/** Objects of one kind that are to be known. */
export interface ListSubject<T extends KubernetesObject> {
  /** As the API calls it: `services`. */
  readonly resource: string;
  readonly path: string;
  /** Which of them, in words of the API; the same for list and watch. */
  readonly selection: Readonly<Record<string, string>>;
  /** Throws what is no such object. */
  readonly read: (value: unknown) => T;
}

/** Who is told of the objects. */
export interface ListListener<T extends KubernetesObject> {
  /** These are all there are. */
  replaced(objects: readonly T[]): void;
  /** What came at once, in its order. */
  changed(changes: readonly ObjectChange<T>[]): void;
  /** They cannot be asked for; told for each try. Nothing is known to have changed. */
  away(reason: string): void;
  /** They are known again, as they were told last. */
  back(): void;
}

/** One event of a watch. */
interface WatchEvent {
  readonly type?: unknown;
  readonly object?: unknown;
}

/**
 * Knows all objects of one kind, by list and then watch. A watch that ends, is cut or falls silent is taken up again where it was;
 * when that is too old, or a watch cannot be trusted, all is listed again. Whatever goes wrong, nothing is told to have
 * changed that did not.
 */
export class WatchedList<T extends KubernetesObject> {
  /** Up to where everything is known; undefined: to be listed. */
  private version: string | undefined;
  /** Tries that failed one after another. */
  private failures = 0;

  constructor(
    private readonly client: ApiClient,
    private readonly subject: ListSubject<T>,
    private readonly listener: ListListener<T>,
    private readonly timings: KubernetesTimings,
  ) {}

  /** Resolves soon after the signal, and then tells nothing any more. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const failure = await this.step();
      if (signal.aborted) return;
      if (failure) await this.pause(failure, signal);
    }
  }

  private async step(): Promise<ApiFailure | undefined> {
    if (this.version !== undefined) return this.watch(this.version);
    try {
      const { objects, version } = await this.list();
      this.version = version;
      this.listener.replaced(objects);
      this.listener.back();
      return undefined;
    } catch (error) {
      const failure = asFailure(error, 'broken');
      this.failures += 1;
      // A list that is slow to read may become too old: that is told when it does not get better.
      if (failure.kind !== 'expired' || this.failures > KUBERNETES_LIMITS.quietExpiries)
        this.listener.away(failure.message);
      return failure;
    }
  }

  private async list(): Promise<{ objects: readonly T[]; version: string }> {
    const { resource, path, selection, read } = this.subject;
    const objects: T[] = [];
    for (let token: string | undefined; ;) {
      const query = {
        ...selection,
        limit: String(KUBERNETES_LIMITS.pageItems),
        ...(token !== undefined && { continue: token }),
      };
      const page = readPage(await this.client.get({ path, query, what: `list ${resource}` }), resource);
      for (const item of page.items) objects.push(read(item));
      if (objects.length > KUBERNETES_LIMITS.objects)
        throw new ApiFailure('broken', `there are more than ${KUBERNETES_LIMITS.objects} ${resource}`);
      if (page.next === undefined) return { objects, version: page.version };
      token = page.next;
    }
  }

  private async watch(version: string): Promise<ApiFailure | undefined> {
    const began = performance.now();
    let stood = false;
    let told = 0;
    const ended = await this.client
      .watch(this.watchCall(version), {
        stands: () => {
          stood = true;
          this.listener.back();
        },
        take: (values) => {
          told += values.length;
          this.take(values as readonly WatchEvent[]);
        },
      })
      .catch((error: unknown) => asFailure(error, 'broken'));
    const isWell = stood && (told > 0 || performance.now() - began >= this.timings.settledMs);
    const failure = ended ?? (isWell ? undefined : new ApiFailure('cut', 'a watch ended at once'));
    this.failures = isWell ? (failure ? 1 : 0) : this.failures + 1;
    if (!failure) return undefined;
    if (!stood && failure.kind !== 'expired') this.listener.away(failure.message);
    else if (failure.kind !== 'cut' || this.failures > 1) this.version = undefined;
    return failure;
  }

  private watchCall(version: string): Parameters<ApiClient['watch']>[0] {
    const { resource, path, selection } = this.subject;
    const query = {
      ...selection,
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: version,
      timeoutSeconds: String(this.timings.watchSeconds),
    };
    return { path, query, what: `watch ${resource}` };
  }

  /** Takes events in their order, up to one that cannot be read or says that the watch is over. */
  private take(events: readonly WatchEvent[]): void {
    const changes: ObjectChange<T>[] = [];
    let { version } = this;
    try {
      for (const event of events) {
        const change = this.changeOf(event);
        if (change) changes.push(change);
        version = readVersion(event.object);
      }
    } catch (error) {
      throw asFailure(error, 'broken');
    } finally {
      this.version = version;
      if (changes.length > 0) this.listener.changed(changes);
    }
  }

  /** Undefined for a bookmark. Throws what is no event of a change. */
  private changeOf({ type, object }: WatchEvent): ObjectChange<T> | undefined {
    if (type === 'BOOKMARK') return undefined;
    if (type === 'ERROR') throw errorEvent(object, this.subject.resource);
    const known = this.subject.read(object);
    if (type === 'DELETED') return { key: objectKey(known) };
    if (type === 'ADDED' || type === 'MODIFIED') return { key: objectKey(known), object: known };
    throw new ApiFailure('broken', `watch ${this.subject.resource} has an event of an unknown type`);
  }

  private async pause({ kind, retryAfterMs }: ApiFailure, signal: AbortSignal): Promise<void> {
    const isFirst = this.failures <= 1;
    // What is only too old is asked for anew at once; the second time in a row it waits as others do.
    if (kind === 'expired' && isFirst) return;
    const ms = pauseMs(this.timings.backOff, this.failures, Math.random(), retryAfterMs);
    await sleep(ms, undefined, { signal }).catch(() => undefined);
  }
}

interface Page {
  readonly items: readonly unknown[];
  readonly version: string;
  readonly next?: string;
}

/** Throws what is no page: a list without its version or items says nothing of what there is. */
function readPage(value: unknown, resource: string): Page {
  const { items, metadata } = Object(value) as { items?: unknown; metadata?: { continue?: unknown } };
  // An empty list of the Go API may be null.
  const all = items === null ? [] : items;
  if (!Array.isArray(all)) throw new ApiFailure('broken', `list ${resource} was answered with no list`);
  const next = metadata?.continue;
  return {
    items: all,
    version: readVersion(value),
    ...(typeof next === 'string' && next !== '' && { next }),
  };
}

function errorEvent(object: unknown, resource: string): ApiFailure {
  const { code, message } = Object(object) as { code?: unknown; message?: unknown };
  const text = `watch ${resource} was ended${typeof message === 'string' ? `: ${message}` : ''}`;
  return new ApiFailure(code === 410 ? 'expired' : 'broken', text);
}
