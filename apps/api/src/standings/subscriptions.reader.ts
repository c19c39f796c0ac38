import { Injectable } from '@nestjs/common';
import { CodedError, type EventSubscriptionSpec, FEDERATION_API } from '@signalbox/contracts';
import { DataSource } from 'typeorm';
import type { Page } from '../domain/cursor.js';
import { pageByName } from '../domain/page-by-name.js';
import { OperatorResources } from '../operator-resources.js';
import { WaitingMatches } from '../reads/waiting-matches.js';
import { RunCounts } from './run-counts.js';
import type { SubscriptionDto, SubscriptionsQuery } from './standings.dto.js';

interface Declared {
  readonly name: string;
  readonly spec: EventSubscriptionSpec;
}

/** Reads of the declared subscriptions, with what they have started and what waits. */
@Injectable()
export class SubscriptionsReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly resources: OperatorResources,
    private readonly waiting: WaitingMatches,
    private readonly counts: RunCounts,
  ) {}

  async list({ group, plugin, ...query }: SubscriptionsQuery): Promise<Page<SubscriptionDto>> {
    const wanted = this.declared().filter(
      ({ spec }) =>
        (group === undefined || spec.groupRef === group) &&
        (plugin === undefined || spec.trigger.pluginRef === plugin),
    );
    const { items, ...rest } = pageByName(wanted, query);
    return { items: await this.withRuns(items), ...rest };
  }

  /** Throws `not-found`. */
  async get(name: string): Promise<SubscriptionDto> {
    const declared = this.declared().filter((one) => one.name === name);
    const [subscription] = await this.withRuns(declared);
    if (subscription) return subscription;
    throw new CodedError(
      'not-found',
      `there is no EventSubscription ${name}: GET /v1/subscriptions lists what there is`,
    );
  }

  private declared(): Declared[] {
    return this.resources.all(FEDERATION_API, 'EventSubscription').map(({ metadata, spec }) => ({
      name: metadata.name,
      spec: spec as unknown as EventSubscriptionSpec,
    }));
  }

  private async withRuns(declared: readonly Declared[]): Promise<SubscriptionDto[]> {
    const names = declared.map(({ name }) => name);
    const runsOf = await this.counts.of('subscription', names);
    const facts = await this.dataSource.query<{ name: string; facts: number }[]>(
      `select subscription as name, count(*)::integer as facts from pending_facts
        where subscription = any($1::text[]) group by subscription`,
      [names],
    );
    const held = await this.waiting.list();
    return declared.map(({ name, spec }) => {
      const why = held.find((one) => one.subscription === name);
      return {
        ...{ name, group: spec.groupRef, plugin: spec.trigger.pluginRef },
        suspended: spec.suspend === true,
        types: spec.match.types,
        ...runsOf(name),
        waiting: facts.find((one) => one.name === name)?.facts ?? 0,
        ...(why && { waitsFor: why.waitsFor, reason: why.reason }),
      };
    });
  }
}
