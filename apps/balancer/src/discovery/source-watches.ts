import { Inject, Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import { type FactSourceSpec, scopedName, type SourceWay, wayOf } from '@signalbox/contracts';
import { Clock, LOG, type Log, SITE_CONFIG, type SiteConfig } from '@signalbox/runtime';
import { DataSource } from 'typeorm';
import type { DeclaredSource } from '../domain/discovery/source-progress.js';
import { FrontendBook } from '../frontend-book.js';
import { watchDns } from './dns/watch-dns.js';
import { FactsWatch } from './facts/facts-watch.js';
import { watchFile } from './file/watch-file.js';
import { watchKubernetes } from './kubernetes/watch-kubernetes.js';
import { sourceDirectory } from './source-directory.js';
import type { SourceWatch, StartWatch, WatchSurroundings } from './source-watch.js';

/** Ways that ask something beyond this site. */
const WAYS: Readonly<Record<Exclude<SourceWay, 'facts'>, StartWatch>> = {
  dns: watchDns,
  file: watchFile,
  kubernetes: watchKubernetes,
};

/** Begins to watch sources, each in its way. */
@Injectable()
export class SourceWatches {
  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly frontends: FrontendBook,
    @Inject(SITE_CONFIG) private readonly config: SiteConfig,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /** `known`: ids of the facts that its part came from. */
  start(source: DeclaredSource, known: readonly string[], report: WatchSurroundings['report']): SourceWatch {
    const { name, project, spec } = source;
    const way = wayOf(spec);
    if (way === 'facts') return this.startFacts(source, spec.facts!, known, report);
    const warn = (message: string): void => this.log.warn({ source: name }, message);
    const vips = { vipOf: (project: string, loadBalancer: string) => this.vipOf(project, loadBalancer) };
    const directory = sourceDirectory(this.config.sourcesDir, project);
    return WAYS[way](source, { report, directory, vips, warn });
  }

  private startFacts(
    { name, spec: { pool = '' } }: DeclaredSource,
    facts: FactSourceSpec,
    known: readonly string[],
    report: WatchSurroundings['report'],
  ): SourceWatch {
    const { bus, dataSource, clock } = this;
    return new FactsWatch({ name, facts, pool, known }, { bus, dataSource, clock }, report);
  }

  private vipOf(project: string, loadBalancer: string): string | undefined {
    const resource = this.frontends.book.get('LoadBalancer', scopedName(project, loadBalancer));
    const vip = resource && this.frontends.vips.vipOf('Listener', resource);
    return vip && 'address' in vip ? vip.address : undefined;
  }
}
