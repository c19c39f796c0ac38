import { Injectable } from '@nestjs/common';
import { type EventSubscriptionSpec, FEDERATION_API, PLUGIN_API } from '@signalbox/contracts';
import { DataSource } from 'typeorm';
import { OperatorResources } from '../operator-resources.js';
import type { WaitingRunsDto } from './runs.dto.js';

/** Matched facts whose runs cannot be planned, because the plugin of their subscription is not declared. */
@Injectable()
export class WaitingMatches {
  constructor(
    private readonly dataSource: DataSource,
    private readonly resources: OperatorResources,
  ) {}

  /** By subscription; one entry for each that has no plugin, also when no fact waits yet. */
  async list(subscription?: string): Promise<WaitingRunsDto[]> {
    const waiting = this.withoutPlugin(subscription);
    if (waiting.size === 0) return [];
    const rows = await this.dataSource.query<{ subscription: string; facts: string }[]>(
      `select subscription, count(*) as facts from pending_facts
        where subscription = any($1::text[])
        group by subscription`,
      [[...waiting.keys()]],
    );
    const counts = new Map(rows.map((row) => [row.subscription, Number(row.facts)]));
    return [...waiting].map(([name, plugin]) => ({
      subscription: name,
      waitsFor: `Plugin/${plugin}`,
      reason: 'plugin-missing',
      facts: counts.get(name) ?? 0,
    }));
  }

  private withoutPlugin(wanted: string | undefined): Map<string, string> {
    const subscriptions = this.resources
      .all(FEDERATION_API, 'EventSubscription')
      .filter(({ metadata }) => wanted === undefined || metadata.name === wanted)
      .map(({ metadata, spec }): [string, string] => {
        const { trigger } = spec as unknown as EventSubscriptionSpec;
        return [metadata.name, trigger.pluginRef];
      });
    const plugins = new Set(this.resources.all(PLUGIN_API, 'Plugin').map(({ metadata }) => metadata.name));
    return new Map(
      subscriptions.filter(([, plugin]) => !plugins.has(plugin)).sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  }
}
