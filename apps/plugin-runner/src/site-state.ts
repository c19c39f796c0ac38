import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import type { ConfigAtPlan } from '@signalbox/contracts';
import { ResourceBook } from '@signalbox/store';
import { DataSource } from 'typeorm';
import { startupHashOf } from './domain/startup-hash.js';

/** What a plugin request says of the site: the operator resources as this service sees them, and the configuration. */
@Injectable()
export class SiteState {
  readonly book: ResourceBook;
  private hash: { revision: number; value: string } | undefined;
  private readonly waiting = new Set<() => void>();

  constructor(
    bus: Bus,
    private readonly dataSource: DataSource,
  ) {
    this.book = new ResourceBook('plugin-runner', bus, dataSource);
  }

  /** What a plan says of the configuration, for one that was read from the table of runs. */
  async configFor(source: string): Promise<ConfigAtPlan> {
    const [row] = await this.dataSource.query<ConfigAtPlan[]>(
      `select coalesce((select max(generation) from generations), 0) as generation,
              coalesce((select max(generation) from parts
                         where source = $1 and state in ('active', 'quarantined')), 0) as replaces`,
      [source],
    );
    return row!;
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

  /** sha256 over the operator resources in canonical order; computed once per revision. */
  startupHash(): string {
    if (this.hash?.revision !== this.book.revision) {
      const value = startupHashOf(this.book.all().map(({ resource }) => resource));
      this.hash = { revision: this.book.revision, value };
    }
    return this.hash.value;
  }
}
