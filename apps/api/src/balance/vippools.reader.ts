import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import {
  BALANCE_API,
  CodedError,
  DEFAULT_QUARANTINE,
  readScopedName,
  type Resource,
  serves,
  sizeOf,
  specOf,
  SUBJECTS,
  toldProject,
  type VipHolder,
  type VipPoolCounts,
  vipPoolModel,
  type VipPoolsAnswer,
  type VipPoolSpec,
} from '@signalbox/contracts';
import { VipAddressRow } from '@signalbox/store';
import { DataSource, type EntityManager } from 'typeorm';
import { decodeCursor, type Page, pageOf } from '../domain/cursor.js';
import { groupBy } from '../domain/group-by.js';
import {
  type DeclaredPage,
  type DeclaredRow,
  findDeclared,
  keyOfRow,
  listDeclared,
  placeOf,
} from './declared-rows.js';
import { noSuch } from './in-project.js';
import { originOf } from './origin.js';
import type { VipAddressDto, VipHolderDto, VipPoolDto, VipPoolsQuery } from './vippools.dto.js';

const KINDS = ['VipPool'] as const;

/** How long `balancer` may take to count. Milliseconds. */
const ASK_MS = 1000;

type Counts = ReadonlyMap<string, VipPoolCounts>;

const NO_COUNTS: Counts = new Map();

/** Reads of VipPools; `balancer` counts what is given, and what it does not say is left out rather than waited for. */
@Injectable()
export class VipPoolsReader {
  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
  ) {}

  /** By name; as a project sees them when one is named: those that serve it. */
  async list({ project, limit, after }: VipPoolsQuery): Promise<Page<VipPoolDto>> {
    const behind = after === undefined ? undefined : placeOf(after);
    const counts = project === undefined ? await this.counts() : NO_COUNTS;
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const page = { behind, limit: limit + 1 };
      if (project === undefined) {
        const rows = await listDeclared(tx, KINDS, { ...page, project });
        return pageOf(rows, limit, (row) => poolView(row, counts), keyOfRow);
      }
      const rows = await listServing(tx, project, page);
      const used = await usedBy(tx, project, rows);
      return pageOf(rows, limit, (row) => tenantView(row, used), keyOfRow);
    });
  }

  /** Throws `not-found`, also of a pool that does not serve the project that is named. */
  async get(name: string, project?: string): Promise<VipPoolDto> {
    const counts = project === undefined ? await this.counts() : NO_COUNTS;
    const [row] = await findDeclared(this.dataSource.manager, KINDS, name);
    const isSeen =
      row && (project === undefined || serves(vipPoolModel(JSON.parse(row.body) as Resource), project));
    if (!isSeen) throw noSuch('VIP pool', name, 'vippools');
    if (project === undefined) return poolView(row, counts);
    return tenantView(row, await usedBy(this.dataSource.manager, project, [row]));
  }

  private async counts(): Promise<Counts> {
    try {
      const answer = await this.bus.ask<VipPoolsAnswer>(SUBJECTS.ask('balancer', 'vippools'), {}, ASK_MS);
      return new Map(answer?.pools.map((one) => [one.pool, one]));
    } catch (error) {
      if (error instanceof CodedError) return new Map();
      throw error;
    }
  }

  /**
   * Addresses of a pool that are not free, in the order of their text; of a project those that it has or had last. A pool that
   * was removed may have some.
   */
  async addresses(pool: string, { project, limit, after }: VipPoolsQuery): Promise<Page<VipAddressDto>> {
    const behind = after === undefined ? '' : String(decodeCursor(after, ['string'])[0]);
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const query = tx
        .createQueryBuilder(VipAddressRow, 'a')
        .where('a.pool = :pool and a.address > :behind', { pool, behind })
        .orderBy('a.address')
        .limit(limit + 1);
      if (project !== undefined) query.andWhere('a.project = :project', { project });
      const rows = await query.getMany();
      const holders = await holdersOf(
        tx,
        rows.map(({ address }) => address),
      );
      return pageOf(
        rows,
        limit,
        (row) => addressView(row, holders.get(row.address) ?? []),
        ({ address }) => [address],
      );
    });
  }
}

/** Pools that serve a project, by name. */
function listServing(
  tx: EntityManager,
  project: string,
  { behind, limit }: Pick<DeclaredPage, 'behind' | 'limit'>,
): Promise<DeclaredRow[]> {
  return tx.query<DeclaredRow[]>(
    `select kind, project, name, body, revision, part_source, part_generation from effective_resources
      where api_version = '${BALANCE_API}' and kind = 'VipPool' and name > $1
        and (body::jsonb #> '{spec,projects}' is null or (body::jsonb #> '{spec,projects}') ? $2)
      order by project, name limit $3`,
    [behind?.name ?? '', project, limit],
  );
}

/** How many addresses of pools a project has, by pool. */
async function usedBy(
  tx: EntityManager,
  project: string,
  pools: readonly DeclaredRow[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await tx.query<{ pool: string; used: number }[]>(
    `select pool, count(*)::integer as used from vip_addresses
      where project = $1 and pool = any($2) and state = 'leased' group by pool`,
    [project, pools.map(({ name }) => name)],
  );
  return new Map(rows.map(({ pool, used }) => [pool, used]));
}

/** A pool as a project sees it: how much of it others have, and who they are, is not its business. */
function tenantView(row: DeclaredRow, used: ReadonlyMap<string, number>): VipPoolDto {
  const { projects: _others, ...view } = poolView(row, NO_COUNTS);
  return { ...view, used: used.get(row.name) ?? 0 };
}

function poolView(row: DeclaredRow, counts: Counts): VipPoolDto {
  const resource = JSON.parse(row.body) as Resource;
  const {
    description = '',
    addresses,
    projects,
    quarantine = DEFAULT_QUARANTINE,
  } = specOf<VipPoolSpec>(resource);
  const model = vipPoolModel(resource);
  const size = sizeOf(model);
  const given = counts.get(row.name);
  return {
    name: row.name,
    description,
    addresses,
    ...(projects && { projects }),
    autoAssign: model.autoAssign,
    quarantine,
    size: told(size),
    ...(given && { used: given.used, quarantined: given.quarantined, free: freeOf(size, given) }),
    origin: originOf(row),
  };
}

/** Of a pool that shrank, those outside of it are still held. */
function freeOf(size: bigint, { used, quarantined }: VipPoolCounts): number {
  return Math.max(0, told(size - BigInt(used + quarantined)));
}

function told(count: bigint): number {
  return Math.min(Number(count), Number.MAX_SAFE_INTEGER);
}

async function holdersOf(
  tx: EntityManager,
  addresses: readonly string[],
): Promise<ReadonlyMap<string, readonly VipHolderDto[]>> {
  const rows = await tx.query<{ address: string; kind: VipHolder['kind']; name: string }[]>(
    `select address, kind, name from vip_holders where address = any($1) order by kind, name`,
    [addresses],
  );
  return new Map(
    [...groupBy(rows, ({ address }) => address)].map(([address, own]) => [
      address,
      own.map(({ kind, name }) => holderView(kind, name)),
    ]),
  );
}

function addressView(row: VipAddressRow, holders: readonly VipHolderDto[]): VipAddressDto {
  const { address, at, until, lastKind, lastName } = row;
  return {
    address,
    state: row.state as VipAddressDto['state'],
    at,
    holders,
    ...(lastKind !== null &&
      lastName !== null && { lastHolder: holderView(lastKind as VipHolder['kind'], lastName) }),
    ...(until !== null && { until }),
  };
}

function holderView(kind: VipHolder['kind'], scoped: string): VipHolderDto {
  return { kind, name: readScopedName(scoped).name, ...toldProject(scoped) };
}
