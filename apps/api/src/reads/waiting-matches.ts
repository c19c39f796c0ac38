import { Injectable } from '@nestjs/common';
import { type EventSubscriptionSpec, FEDERATION_API, PLUGIN_API } from '@signalbox/contracts';
import { DataSource } from 'typeorm';
import { OperatorResources } from '../operator-resources.js';
import type { WaitingRunsDto } from './runs.dto.js';

/** The plugin that a subscription waits for, and why that does not run. */
interface WaitingFor {
  readonly plugin: string;
  readonly reason: WaitingRunsDto['reason'];
}

/** Matched facts whose runs cannot be planned, because the plugin of their subscription is not declared or suspended. */
@Injectable()
export class WaitingMatches {
  constructor(
    private readonly dataSource: DataSource,
    private readonly resources: OperatorResources,
  ) {}

  /** By subscription; one entry for each whose plugin does not run, also when no fact waits yet. */
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
    return [...waiting].map(([name, { plugin, reason }]) => ({
      subscription: name,
      waitsFor: `Plugin/${plugin}`,
      reason,
      facts: counts.get(name) ?? 0,
    }));
  }

  private withoutPlugin(wanted: string | undefined): Map<string, WaitingFor> {
    const subscriptions = this.resources
      .all(FEDERATION_API, 'EventSubscription')
      .filter(({ metadata }) => wanted === undefined || metadata.name === wanted)
      .map(({ metadata, spec }): [string, string] => {
        const { trigger } = spec as unknown as EventSubscriptionSpec;
        return [metadata.name, trigger.pluginRef];
      });
    const plugins = new Map(
      this.resources
        .all(PLUGIN_API, 'Plugin')
        .map(({ metadata, spec }) => [metadata.name, spec['suspend'] === true]),
    );
    return new Map(
      subscriptions
        .filter(([, plugin]) => plugins.get(plugin) !== false)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, plugin]) => {
          const reason = plugins.has(plugin) ? 'plugin-suspended' : 'plugin-missing';
          return [name, { plugin, reason }];
        }),
    );
  }
}
