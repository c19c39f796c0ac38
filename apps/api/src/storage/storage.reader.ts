import { statfs } from 'node:fs/promises';
import { Inject, Injectable } from '@nestjs/common';
import { Bus, type StreamFill, streamFills } from '@signalbox/bus';
import {
  CodedError,
  retentionOf,
  type ServiceName,
  SERVICES,
  SUBJECTS,
  type UsageAnswer,
} from '@signalbox/contracts';
import { SITE_CONFIG, type SiteConfig, Usage } from '@signalbox/runtime';
import { type TableSize, tableSizes } from '@signalbox/store';
import { DataSource } from 'typeorm';
import { mostFacts, type SiteBounds, type StorageItem, storageItems } from '../domain/storage-items.js';
import { OperatorResources } from '../operator-resources.js';

/** How long a service may take to say what it keeps, and NATS and Postgres. Milliseconds. */
const ANSWER_MS = { service: 1000, server: 2000 } as const;

/** How full everything is. */
export interface StorageSurvey {
  readonly items: readonly StorageItem[];
  /** Services and servers that do not answer: what they keep is not known. */
  readonly away: readonly string[];
}

/**
 * Measures what the site keeps, at the price of a question to each service, one to NATS and one to Postgres, however much
 * there is. Whoever asks meanwhile gets the same answer.
 */
@Injectable()
export class StorageReader {
  private running: Promise<StorageSurvey> | undefined;
  private next: Promise<StorageSurvey> | undefined;
  private listing: Promise<readonly StreamFill[]> | undefined;
  private sizing: Promise<readonly TableSize[]> | undefined;

  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
    private readonly resources: OperatorResources,
    private readonly usage: Usage,
    @Inject(SITE_CONFIG) private readonly config: SiteConfig,
  ) {}

  /** Everything as it is at the call or after it: one that runs has looked before. Never throws. */
  survey(): Promise<StorageSurvey> {
    if (!this.running) return this.begin();
    this.next ??= this.running.then(() => {
      this.next = undefined;
      return this.begin();
    });
    return this.next;
  }

  private begin(): Promise<StorageSurvey> {
    this.running = this.measure().finally(() => (this.running = undefined));
    return this.running;
  }

  private async measure(): Promise<StorageSurvey> {
    // one that hangs is not asked again meanwhile
    this.listing ??= streamFills(this.bus.manager).finally(() => (this.listing = undefined));
    this.sizing ??= tableSizes(this.dataSource).finally(() => (this.sizing = undefined));
    const [streams, tables, answers, disk] = await Promise.all([
      inTime(this.listing),
      inTime(this.sizing),
      Promise.all(SERVICES.map(async (service) => [service, await this.ask(service)] as const)),
      this.disk(),
    ]);
    const usage = new Map(answers);
    const away = [
      ...(streams ? [] : ['nats']),
      ...(tables ? [] : ['postgres']),
      ...SERVICES.filter((service) => !usage.get(service)),
    ];
    return { items: storageItems({ streams, tables, usage, disk }, this.bounds()), away };
  }

  private async ask(service: ServiceName): Promise<UsageAnswer | undefined> {
    if (service === 'api') return this.usage.of(service);
    if (service === 'dataplane-agent') return this.askNodes();
    try {
      return await this.bus.ask<UsageAnswer>(SUBJECTS.ask(service, 'usage'), {}, ANSWER_MS.service);
    } catch (error) {
      if (error instanceof CodedError) return undefined;
      throw error;
    }
  }

  /** Of each thing the fullest: there is an agent on each load-balancing node. */
  private async askNodes(): Promise<UsageAnswer | undefined> {
    const subject = SUBJECTS.ask('dataplane-agent', 'usage');
    const answers = await this.bus.askAll<UsageAnswer>(subject, {}, ANSWER_MS.service);
    if (answers.length === 0) return undefined;
    const used: Record<string, number> = {};
    for (const answer of answers)
      for (const [name, amount] of Object.entries(answer.used))
        used[name] = Math.max(used[name] ?? 0, amount);
    return { used };
  }

  private async disk(): Promise<{ readonly used: number; readonly size: number } | undefined> {
    try {
      const { bsize, blocks, bavail } = await statfs(this.config.stateDir);
      return { used: (blocks - bavail) * bsize, size: blocks * bsize };
    } catch {
      return undefined;
    }
  }

  private bounds(): SiteBounds {
    const { facts, warnBytes } = this.config;
    return {
      facts: mostFacts(this.resources.groups().map(({ spec }) => retentionOf(spec, facts).maxEvents)),
      activityBytes: warnBytes.activity,
      journalBytes: warnBytes.journal,
    };
  }
}

/** What comes of it within the time that a server has; undefined when nothing does, or it fails. */
async function inTime<T>(asked: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ANSWER_MS.server);
  });
  return Promise.race([asked.catch(() => undefined), late]).finally(() => clearTimeout(timer));
}
