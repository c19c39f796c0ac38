import { type KubernetesSourceSpec, readScopedName } from '@signalbox/contracts';
import type { Observation } from '../../domain/discovery/endpoint.js';
import { KubernetesBook, type ObjectChange } from '../../domain/discovery/kubernetes-book.js';
import {
  type KubernetesObject,
  type KubernetesService,
  type KubernetesSlice,
  readService,
  readSlice,
  SERVICE_LABEL,
} from '../../domain/discovery/kubernetes-objects.js';
import type { SourceWatch, StartWatch, WatchedSource, WatchSurroundings } from '../source-watch.js';
import { ApiClient } from './api-client.js';
import { readCredentials } from './credentials.js';
import { KUBERNETES_TIMINGS, type KubernetesTimings } from './kubernetes-limits.js';
import { type CaseOf, StatusWriter } from './status-writer.js';
import { type ListListener, type ListSubject, WatchedList } from './watched-list.js';

/** Whether one of the two lists is known: not yet, yes, or why it cannot be asked for. */
type Knowledge = 'awaited' | 'known' | { readonly reason: string };

/** Watches the Services of a cluster with their EndpointSlices, and writes the VIPs into their status. ADR 0028. */
export const watchKubernetes: StartWatch = kubernetesWatcher(KUBERNETES_TIMINGS);

/** {@link watchKubernetes} with other times. */
export function kubernetesWatcher(timings: KubernetesTimings): StartWatch {
  return (source, surroundings) => new KubernetesWatch(source, surroundings, timings);
}

class KubernetesWatch implements SourceWatch {
  private readonly stopped = new AbortController();
  private readonly client: ApiClient;
  private readonly book: KubernetesBook;
  private readonly writer: StatusWriter | undefined;
  private readonly running: readonly Promise<void>[];
  private services: Knowledge = 'awaited';
  private slices: Knowledge = 'awaited';
  /** Whether the content may be another than what was reported. */
  private isChanged = true;
  /** Why the source was last reported to be unavailable; undefined: it was not. */
  private reported: string | undefined;
  private due: NodeJS.Immediate | undefined;

  constructor(
    source: WatchedSource,
    private readonly surroundings: WatchSurroundings,
    timings: KubernetesTimings,
  ) {
    const { name } = readScopedName(source.name);
    const spec = source.spec.kubernetes!;
    const { credentials } = spec;
    const { directory, warn } = surroundings;
    this.client = new ApiClient({
      server: spec.server,
      timings,
      ...(credentials !== undefined && { credentials: () => readCredentials(directory, credentials) }),
    });
    this.book = new KubernetesBook({ name, project: source.project, spec });
    const told = (message: string): void => warn(`BackendSource ${source.name}: ${message}`);
    if (spec.writeStatus !== false)
      this.writer = new StatusWriter(this.client, this.statusCase(source.project), told, timings);
    this.running = this.begin(spec, timings);
  }

  vipsChanged(): void {
    this.writer?.check(this.book.served());
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    clearImmediate(this.due);
    this.client.close();
    await Promise.all(this.running);
  }

  private begin(spec: KubernetesSourceSpec, timings: KubernetesTimings): readonly Promise<void>[] {
    const { signal } = this.stopped;
    const place = spec.namespace === undefined ? '' : `/namespaces/${encodeURIComponent(spec.namespace)}`;
    const services: ListSubject<KubernetesService> = {
      resource: 'services',
      path: `/api/v1${place}/services`,
      selection: { ...(spec.selector !== undefined && { labelSelector: spec.selector }) },
      read: readService,
    };
    const slices: ListSubject<KubernetesSlice> = {
      resource: 'endpointslices',
      path: `/apis/discovery.k8s.io/v1${place}/endpointslices`,
      selection: { labelSelector: SERVICE_LABEL },
      read: readSlice,
    };
    const ofServices = this.listener<KubernetesService>(
      (knowledge) => (this.services = knowledge),
      {
        replace: (all) => this.book.replaceServices(all),
        change: (changes) => this.book.changeServices(changes),
      },
      (touched) => this.writer?.told(touched),
    );
    const ofSlices = this.listener<KubernetesSlice>(
      (knowledge) => (this.slices = knowledge),
      {
        replace: (all) => this.book.replaceSlices(all),
        change: (changes) => this.book.changeSlices(changes),
      },
      () => undefined,
    );
    return [
      new WatchedList(this.client, services, ofServices, timings).run(signal),
      new WatchedList(this.client, slices, ofSlices, timings).run(signal),
      ...(this.writer ? [this.writer.run(signal)] : []),
    ];
  }
  private listener<T extends KubernetesObject>(
    learn: (knowledge: Knowledge) => void,
    book: {
      readonly replace: (objects: readonly T[]) => ReadonlySet<string>;
      readonly change: (changes: readonly ObjectChange<T>[]) => ReadonlySet<string>;
    },
    tell: (touched: ReadonlySet<string>) => void,
  ): ListListener<T> {
    const took = (touched: ReadonlySet<string>): void => {
      if (touched.size > 0) this.isChanged = true;
      tell(touched);
      this.schedule();
    };
    const learned = (knowledge: Knowledge): void => {
      learn(knowledge);
      this.schedule();
    };
    return {
      replaced: (objects) => took(book.replace(objects)),
      changed: (changes) => took(book.change(changes)),
      away: (reason) => learned({ reason }),
      back: () => learned('known'),
    };
  }

  private statusCase(project: string): CaseOf {
    return (key) => {
      const service = this.book.service(key);
      const vips = this.book
        .frame(key)
        ?.loadBalancers.flatMap((name) => this.surroundings.vips.vipOf(project, name) ?? []);
      return { ...(service && { service }), ...(vips && { vips }) };
    };
  }

  /** One report for everything that comes at once. */
  private schedule(): void {
    if (this.stopped.signal.aborted) return;
    this.due ??= setImmediate(() => {
      this.due = undefined;
      const observation = this.observation();
      if (observation) this.surroundings.report(observation);
    });
  }

  /** What is to be reported now; undefined: nothing, since it was, or not everything is known yet. */
  private observation(): Observation | undefined {
    for (const knowledge of [this.services, this.slices]) {
      if (typeof knowledge === 'string') continue;
      const { reason } = knowledge;
      if (this.reported === reason) return undefined;
      this.reported = reason;
      return { type: 'unavailable', reason };
    }
    if (this.services === 'awaited' || this.slices === 'awaited') return undefined;
    if (!this.isChanged && this.reported === undefined) return undefined;
    this.isChanged = false;
    this.reported = undefined;
    return { type: 'content', content: this.book.content() };
  }
}
