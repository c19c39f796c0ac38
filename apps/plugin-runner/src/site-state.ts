import { Injectable } from '@nestjs/common';
import { digestOf, keyOf } from '@signalbox/contracts';
import { ResourceBook } from '@signalbox/store';
import { DataSource } from 'typeorm';

/** What a plugin request says about the site: spec/plugins-and-config "always filled". */
export interface RequestCounters {
  readonly startupConfigHash: string;
  readonly effectiveGeneration: number;
  readonly previousDynamicGeneration: number;
}

/** Counters of several runs that are asked for at the same time. */
interface Question {
  readonly sources: Set<string>;
  readonly answer: Promise<ReadonlyMap<string, Counters>>;
}

type Counters = Omit<RequestCounters, 'startupConfigHash'>;

const NONE: Counters = { effectiveGeneration: 0, previousDynamicGeneration: 0 };

/** The operator resources as this service sees them, and the figures of a plugin request. */
@Injectable()
export class SiteState {
  readonly book = new ResourceBook('plugin-runner');
  private hash: { revision: number; value: string } | undefined;
  private question: Question | undefined;
  private readonly waiting = new Set<() => void>();

  constructor(private readonly dataSource: DataSource) {}

  /** Runs that begin at the same time share one query. */
  async counters(source: string): Promise<RequestCounters> {
    this.question ??= this.ask();
    const { sources, answer } = this.question;
    sources.add(source);
    const counters = (await answer).get(source) ?? NONE;
    return { startupConfigHash: this.startupHash(), ...counters };
  }

  /** Resolves when the book has the revision that a run was planned at. */
  async reached(revision: number): Promise<void> {
    while (this.book.revision < revision) await new Promise<void>((resolve) => this.waiting.add(resolve));
  }

  /** The book has a newer revision. */
  changed(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }

  private ask(): Question {
    const sources = new Set<string>();
    const answer = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      this.question = undefined;
      return this.read([...sources]);
    });
    return { sources, answer };
  }

  private async read(sources: readonly string[]): Promise<ReadonlyMap<string, Counters>> {
    const rows = await this.dataSource.query<{ source: string; effective: number; previous: number }[]>(
      `select s.source, coalesce((select max(generation) from generations), 0) as effective,
              coalesce((select max(generation) from parts p where p.source = s.source), 0) as previous
         from unnest($1::text[]) as s(source)`,
      [sources],
    );
    return new Map(
      rows.map(({ source, effective, previous }) => [
        source,
        { effectiveGeneration: effective, previousDynamicGeneration: previous },
      ]),
    );
  }

  /** sha256 over the operator resources in canonical order; computed once per revision. */
  private startupHash(): string {
    if (this.hash?.revision !== this.book.revision) {
      const resources = this.book.all().map(({ resource }) => ({ key: keyOf(resource), resource }));
      resources.sort((a, b) => (a.key < b.key ? -1 : 1));
      this.hash = {
        revision: this.book.revision,
        value: digestOf(resources.map(({ resource }) => resource)),
      };
    }
    return this.hash.value;
  }
}
