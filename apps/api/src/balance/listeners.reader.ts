import { Injectable } from '@nestjs/common';
import {
  type ListenerParts,
  type LoadBalancerSpec,
  refOf,
  type Resource,
  scopedName,
  specOf,
} from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import { NodeListenerRow, NodeRow, projectIn } from '@signalbox/store';
import { DataSource, type EntityManager } from 'typeorm';
import { decodeCursor, type Page, pageOf } from '../domain/cursor.js';
import { groupBy } from '../domain/group-by.js';
import type { FrontendsQuery } from './frontends.dto.js';
import { noSuch } from './in-project.js';
import { findListeners, type ListenerRow, partsOf, RECORDED_LISTENERS } from './listener-rows.js';
import { listenerView } from './listener-view.js';
import type { ListenerDto } from './listeners.dto.js';
import { type Placements, PlacementsReader } from './placements.reader.js';
import { targetsOf } from './target-rows.js';
import { claimsOf, vipOfClaim } from './vip-rows.js';

/** Reads of listeners, by their scoped names; several tables are read in one snapshot. */
@Injectable()
export class ListenersReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly placements: PlacementsReader,
    private readonly clock: Clock,
  ) {}

  /** By scoped name. */
  async list({ project, limit, after }: FrontendsQuery): Promise<Page<ListenerDto>> {
    const behind = after === undefined ? null : decodeCursor(after, ['string'])[0];
    const ofProject = project === undefined ? 'true' : `${projectIn('f.name')} = $3`;
    const placements = await this.placements.read();
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const rows = await tx.query<ListenerRow[]>(
        `${RECORDED_LISTENERS} where ($1::text is null or f.name > $1) and ${ofProject} order by f.name limit $2`,
        [behind, limit + 1, ...(project === undefined ? [] : [project])],
      );
      const views = await this.viewsOf(tx, rows, placements);
      const page = pageOf(
        rows,
        limit,
        (row) => views.get(row.name) ?? [],
        ({ name }) => [name],
      );
      return { ...page, items: page.items.flat() };
    });
  }

  /** One listener. Throws `not-found`. */
  async get(name: string): Promise<ListenerDto> {
    const listener = await this.find(name);
    if (listener) return listener;
    throw noSuch('listener', name, 'listeners');
  }

  /** The same, undefined when it is not in the config or `balancer` has not recorded it yet. */
  async find(name: string): Promise<ListenerDto | undefined> {
    const placements = await this.placements.read(name);
    return this.dataSource.transaction('REPEATABLE READ', async (tx) =>
      (await this.read(tx, [name], placements)).get(name),
    );
  }

  /** Those of these names that are recorded, by name; within a transaction of the caller. */
  async read(
    tx: EntityManager,
    names: readonly string[],
    placements: Placements,
  ): Promise<ReadonlyMap<string, ListenerDto>> {
    return this.viewsOf(tx, await findListeners(tx, names), placements);
  }

  private async viewsOf(
    tx: EntityManager,
    rows: readonly ListenerRow[],
    placements: Placements,
  ): Promise<ReadonlyMap<string, ListenerDto>> {
    const names = rows.map(({ name }) => name);
    const parts = await partsOf(
      tx,
      rows.map(({ body }) => JSON.parse(body) as Resource),
    );
    const claims = await claimsOf(
      tx,
      [...parts.values()].flatMap((own) => claimIn(own) ?? []),
    );
    const targets = await targetsOf(tx, names);
    const reports = await reportsOf(tx, names);
    const placed = names.flatMap((name) => placements.get(name)?.nodes ?? []);
    const nodes = await nodesOf(
      tx,
      new Set([...placed, ...[...reports.values()].flat()].map(({ node }) => node)),
    );
    const views = new Map<string, ListenerDto>();
    for (const row of rows) {
      const own = parts.get(row.name);
      if (!own) continue;
      const claim = claimIn(own);
      const view = listenerView({
        ...{ row, parts: own, nodes, nowMs: this.clock.now() },
        targets: targets.get(row.name) ?? [],
        reports: reports.get(row.name) ?? [],
        placement: placements.get(row.name),
        vip: claim === undefined ? undefined : vipOfClaim(claim, claims.get(claim)),
      });
      views.set(row.name, view);
    }
    return views;
  }
}

/** The claim that a listener has its address from, by its scoped name. */
function claimIn({ loadBalancer }: ListenerParts): string | undefined {
  const { vipClaim } = specOf<LoadBalancerSpec>(loadBalancer);
  return vipClaim === undefined ? undefined : scopedName(refOf(loadBalancer).project, vipClaim);
}

/** What nodes say of listeners, by listener. */
async function reportsOf(
  tx: EntityManager,
  listeners: readonly string[],
): Promise<ReadonlyMap<string, readonly NodeListenerRow[]>> {
  const rows = await tx
    .createQueryBuilder(NodeListenerRow, 'l')
    .where('l.listener = any(:listeners)', { listeners })
    .orderBy('l.node', 'ASC')
    .getMany();
  return groupBy(rows, ({ listener }) => listener);
}

/** The nodes of these names that reported, by name. */
async function nodesOf(tx: EntityManager, names: ReadonlySet<string>): Promise<ReadonlyMap<string, NodeRow>> {
  const nodes = await tx
    .createQueryBuilder(NodeRow, 'n')
    .where('n.name = any(:names)', { names: [...names] })
    .getMany();
  return new Map(nodes.map((node) => [node.name, node]));
}
