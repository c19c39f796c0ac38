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

/** The operator resources as this service sees them, and the figures of a plugin request. */
@Injectable()
export class SiteState {
  readonly book = new ResourceBook('plugin-runner');
  private hash: { revision: number; value: string } | undefined;

  constructor(private readonly dataSource: DataSource) {}

  /** One small query per run. */
  async counters(source: string): Promise<RequestCounters> {
    const [row] = await this.dataSource.query<{ effective: number; previous: number }[]>(
      `select coalesce((select max(generation) from generations), 0) as effective,
              coalesce((select max(generation) from parts where source = $1), 0) as previous`,
      [source],
    );
    return {
      startupConfigHash: this.startupHash(),
      effectiveGeneration: row?.effective ?? 0,
      previousDynamicGeneration: row?.previous ?? 0,
    };
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
