import { Injectable } from '@nestjs/common';
import {
  BALANCE_API,
  compileFrontend,
  type FrontendSpec,
  frontendPoolName,
  type ListenerSpec,
  readPointerToken,
  readScopedName,
  type Resource,
  scopedName,
  specOf,
} from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import { BackendRow } from '@signalbox/store';
import { DataSource, type EntityManager } from 'typeorm';
import { decodeCursor, encodeCursor, type Page } from '../domain/cursor.js';
import { groupBy } from '../domain/group-by.js';
import { type DeclaredPlace, type DeclaredRow, findDeclared, listDeclared } from './declared-rows.js';
import type { FrontendsQuery } from './frontends.dto.js';
import { noSuch } from './in-project.js';
import { findListeners } from './listener-rows.js';
import {
  type DeclaredPool,
  poolMembersView,
  type PoolSources,
  type PoolUse,
  writtenMembers,
} from './pool-members.js';
import type { PoolViewDto } from './pools.dto.js';
import { targetsOf } from './target-rows.js';

/** Reads of pools; several tables are read in one snapshot. */
@Injectable()
export class PoolsReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /** By project and the name of what declares them, those of one Frontend in their order. */
  async list({ project, limit, after }: FrontendsQuery): Promise<Page<PoolViewDto>> {
    const [behind, from] = after === undefined ? [undefined, 0] : placeOf(after);
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      // each of them has at least one pool; of the last of the page before some may have had no room there
      const rows = await listDeclared(tx, ['Frontend', 'Pool'], { project, behind, limit: limit + 1 });
      const rest = behind
        ? await findDeclared(tx, [behind.kind], scopedName(behind.project, behind.name))
        : [];
      const pools = [...rest.flatMap(poolsOf).slice(from), ...rows.flatMap(poolsOf)];
      const shown = pools.slice(0, limit);
      const last = shown.at(-1);
      const items = await this.viewsOf(tx, shown);
      return { items, ...(pools.length > limit && last && { next: encodeCursor(keyOf(last)) }) };
    });
  }

  /** Throws `not-found`. */
  async get(scoped: string): Promise<PoolViewDto> {
    const found = await this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const declared = (await findDeclared(tx, ['Pool'], scoped)).flatMap(poolsOf);
      const pools = declared.length > 0 ? declared : await this.ofFrontend(tx, scoped);
      return (await this.viewsOf(tx, pools))[0];
    });
    if (found) return found;
    throw noSuch('pool', scoped, 'pools');
  }

  /** The pool of a Frontend whose name the text is. */
  private async ofFrontend(tx: EntityManager, scoped: string): Promise<DeclaredPool[]> {
    const { project, name } = readScopedName(scoped);
    const [frontend] = name.split('/');
    if (frontend === undefined) return [];
    const rows = await findDeclared(tx, ['Frontend'], scopedName(project, readPointerToken(frontend)));
    return rows.flatMap(poolsOf).filter((pool) => pool.name === name);
  }

  private async viewsOf(tx: EntityManager, pools: readonly DeclaredPool[]): Promise<PoolViewDto[]> {
    const uses = await usesOf(tx, pools);
    const listeners = [...new Set([...uses.values()].flat().map(({ listener }) => listener))];
    const recorded = new Map((await findListeners(tx, listeners)).map((row) => [row.name, row.active_pool]));
    const targets = await targetsOf(tx, listeners);
    const backends = await backendsOf(tx, pools.flatMap(writtenMembers));
    const sources: PoolSources = { targets, recorded, backends, nowMs: this.clock.now() };
    return pools.map((pool) => poolMembersView(pool, uses.get(pool) ?? [], sources));
  }
}

/** What declares the last pool of the page before, and how many of its pools were shown. */
function placeOf(cursor: string): [DeclaredPlace, number] {
  const [project, name, kind, shown] = decodeCursor(cursor, ['string', 'string', 'string', 'number']);
  return [{ project: String(project), name: String(name), kind: String(kind) }, Number(shown)];
}

function keyOf({ row, at }: DeclaredPool): readonly (string | number)[] {
  return [row.project, row.name, row.kind, at + 1];
}

/** The pools that a resource declares, in their order. */
function poolsOf(row: DeclaredRow): DeclaredPool[] {
  const resource = JSON.parse(row.body) as Resource;
  if (row.kind === 'Pool') return [{ row, at: 0, name: row.name, tier: row.name, resource }];
  return compileFrontend(resource).pools.map((pool, at): DeclaredPool => ({
    row,
    at,
    name: frontendPoolName(row.name, pool.name),
    tier: pool.name,
    resource: pool.resource,
  }));
}

/** Which listeners pools serve, by name. */
async function usesOf(
  tx: EntityManager,
  pools: readonly DeclaredPool[],
): Promise<ReadonlyMap<DeclaredPool, readonly PoolUse[]>> {
  const declared = pools.filter(({ row }) => row.kind === 'Pool');
  const found = await tx.query<{ project: string; pool: string; name: string; body: string }[]>(
    `select given.project, given.name as pool, e.name, e.body
       from unnest($1::text[], $2::text[]) as given(project, name)
       join effective_resources e on e.api_version = '${BALANCE_API}' and e.kind = 'Listener'
        and e.project = given.project and (e.body::jsonb #> '{spec,pools}') ? given.name
      order by e.project, e.name`,
    [declared.map(({ row }) => row.project), declared.map(({ name }) => name)],
  );
  const users = groupBy(found, ({ project, pool }) => scopedName(project, pool));
  const senders = await sendersOf(tx, declared);
  return new Map(
    pools.map((pool) => {
      const { row, name, tier } = pool;
      if (row.kind === 'Frontend')
        return [pool, [{ listener: scopedName(row.project, row.name), tier: tierIn(row, tier) }]];
      const scoped = scopedName(row.project, name);
      const tiers = (users.get(scoped) ?? []).map((user) => ({
        listener: scopedName(user.project, user.name),
        tier: specOf<ListenerSpec>(JSON.parse(user.body) as Resource).pools.indexOf(name),
      }));
      const uses = [...tiers, ...(senders.get(scoped) ?? [])];
      return [pool, uses.sort((a, b) => (a.listener < b.listener ? -1 : 1))];
    }),
  );
}

/** Listeners whose policies send requests to Pools, by the scoped name of the Pool. */
async function sendersOf(
  tx: EntityManager,
  pools: readonly DeclaredPool[],
): Promise<ReadonlyMap<string, readonly PoolUse[]>> {
  const found = await tx.query<{ project: string; pool: string; name: string; listener: string }[]>(
    `select given.project, given.name as pool, e.name, e.body::jsonb #>> '{spec,listener}' as listener
       from unnest($1::text[], $2::text[]) as given(project, name)
       join effective_resources e on e.api_version = '${BALANCE_API}' and e.kind = 'L7Policy'
        and e.project = given.project and e.body::jsonb #>> '{spec,redirectPool}' = given.name
      order by e.project, e.name`,
    [pools.map(({ row }) => row.project), pools.map(({ name }) => name)],
  );
  const byPool = groupBy(found, ({ project, pool }) => scopedName(project, pool));
  return new Map(
    [...byPool].map(([pool, policies]) => [
      pool,
      [...groupBy(policies, ({ project, listener }) => scopedName(project, listener))].map(
        ([listener, own]) => ({ listener, policies: own.map(({ name }) => name) }),
      ),
    ]),
  );
}

function tierIn({ body }: DeclaredRow, tier: string): number {
  return specOf<FrontendSpec>(JSON.parse(body) as Resource).pools.findIndex(({ name }) => name === tier);
}

async function backendsOf(
  tx: EntityManager,
  names: readonly string[],
): Promise<ReadonlyMap<string, BackendRow>> {
  const rows = await tx
    .createQueryBuilder(BackendRow, 'b')
    .where('b.name = any(:names)', { names })
    .getMany();
  return new Map(rows.map((row) => [row.name, row]));
}
