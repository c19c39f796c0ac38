import { Injectable } from '@nestjs/common';
import {
  type EventSubscriptionSpec,
  FEDERATION_API,
  PLUGIN_API,
  pluginOwner,
  subscriptionOwner,
} from '@signalbox/contracts';
import { DataSource } from 'typeorm';
import { OperatorResources } from '../operator-resources.js';
import type { WaitingRunsDto } from './runs.dto.js';

/** The resource that a subscription waits for, and why. */
type Waiting = Pick<WaitingRunsDto, 'waitsFor' | 'reason'>;

/** Matched facts whose runs cannot be planned, because their subscription is suspended, or its plugin is or is not declared. */
@Injectable()
export class WaitingMatches {
  constructor(
    private readonly dataSource: DataSource,
    private readonly resources: OperatorResources,
  ) {}

  /** By subscription; one entry for each that starts nothing, also when no fact waits yet. */
  async list(subscription?: string): Promise<WaitingRunsDto[]> {
    const waiting = this.waiting(subscription);
    if (waiting.size === 0) return [];
    const rows = await this.dataSource.query<{ subscription: string; facts: string }[]>(
      `select subscription, count(*) as facts from pending_facts
        where subscription = any($1::text[])
        group by subscription`,
      [[...waiting.keys()]],
    );
    const counts = new Map(rows.map((row) => [row.subscription, Number(row.facts)]));
    return [...waiting].map(([name, why]) => ({ subscription: name, ...why, facts: counts.get(name) ?? 0 }));
  }

  private waiting(wanted: string | undefined): Map<string, Waiting> {
    const plugins = new Map(
      this.resources
        .all(PLUGIN_API, 'Plugin')
        .map(({ metadata, spec }) => [metadata.name, spec['suspend'] === true]),
    );
    return new Map(
      this.resources
        .all(FEDERATION_API, 'EventSubscription')
        .filter(({ metadata }) => wanted === undefined || metadata.name === wanted)
        .flatMap(({ metadata: { name }, spec }): [string, Waiting][] => {
          const why = waitingOf(name, spec as unknown as EventSubscriptionSpec, plugins);
          return why ? [[name, why]] : [];
        })
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  }
}

/** `plugins`: those that are declared, and whether they are suspended. */
function waitingOf(
  name: string,
  { suspend, trigger: { pluginRef } }: EventSubscriptionSpec,
  plugins: ReadonlyMap<string, boolean>,
): Waiting | undefined {
  if (suspend === true) return { reason: 'subscription-suspended', waitsFor: subscriptionOwner(name) };
  const waitsFor = pluginOwner(pluginRef);
  if (!plugins.has(pluginRef)) return { reason: 'plugin-missing', waitsFor };
  return plugins.get(pluginRef) ? { reason: 'plugin-suspended', waitsFor } : undefined;
}
