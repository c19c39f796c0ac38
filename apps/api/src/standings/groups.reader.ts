import { Injectable } from '@nestjs/common';
import { Bus, streamFills } from '@signalbox/bus';
import { type EventSubscriptionSpec, factsStream, FEDERATION_API } from '@signalbox/contracts';
import { DataSource } from 'typeorm';
import type { Page } from '../domain/cursor.js';
import { pageByName } from '../domain/page-by-name.js';
import { type Group, OperatorResources } from '../operator-resources.js';
import type { GroupDto, NamedQuery } from './standings.dto.js';

interface NewestRow {
  readonly name: string;
  readonly id: string;
  readonly type: string;
  readonly observedAt: string;
}

/** Reads of the declared groups, with what is in them. */
@Injectable()
export class GroupsReader {
  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
    private readonly resources: OperatorResources,
  ) {}

  async list(query: NamedQuery): Promise<Page<GroupDto>> {
    const { items, ...rest } = pageByName(this.resources.groups(), query);
    return { items: await this.withFacts(items), ...rest };
  }

  /** Throws `unknown-group`. */
  async get(name: string): Promise<GroupDto> {
    const [group] = await this.withFacts([this.resources.group(name)]);
    return group!;
  }

  private async withFacts(groups: readonly Group[]): Promise<GroupDto[]> {
    const fills = new Map((await streamFills(this.bus.manager)).map((fill) => [fill.name, fill]));
    const newest = await this.newestOf(groups.map(({ name }) => name));
    const subscriptions = countBy(
      this.resources.all(FEDERATION_API, 'EventSubscription'),
      ({ spec }) => (spec as unknown as EventSubscriptionSpec).groupRef,
    );
    const peers = countBy(this.resources.peers(), ({ group }) => group);
    return groups.map(({ name, spec }) => {
      const { messages = 0, bytes = 0, maxBytes = 0 } = fills.get(factsStream(name)) ?? {};
      const fact = newest.find((one) => one.name === name);
      return {
        ...{ name, nodeName: spec.nodeName, facts: messages, bytes },
        ...(maxBytes > 0 && { maxBytes }),
        ...(fact && { newest: { id: fact.id, type: fact.type, observedAt: fact.observedAt } }),
        peers: peers.get(name) ?? 0,
        subscriptions: subscriptions.get(name) ?? 0,
      };
    });
  }

  private newestOf(groups: readonly string[]): Promise<NewestRow[]> {
    return this.dataSource.query<NewestRow[]>(
      `select g.name, f.id, f.type, f.observed_at as "observedAt"
         from unnest($1::text[]) as g(name)
        cross join lateral (select id, type, observed_at from facts
                             where group_name = g.name order by observed_ns desc, id desc limit 1) f`,
      [groups],
    );
  }
}

/** How many there are of each. */
export function countBy<T>(all: readonly T[], by: (one: T) => string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const one of all) counts.set(by(one), (counts.get(by(one)) ?? 0) + 1);
  return counts;
}
