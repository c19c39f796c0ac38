import { Injectable } from '@nestjs/common';
import {
  DEFAULT_QUARANTINE,
  readScopedName,
  type Resource,
  sizeOf,
  specOf,
  toldProject,
  type VipHolder,
  vipPoolModel,
  type VipPoolSpec,
} from '@signalbox/contracts';
import { VipAddressRow } from '@signalbox/store';
import { DataSource, type EntityManager } from 'typeorm';
import { decodeCursor, type Page, pageOf } from '../domain/cursor.js';
import { groupBy } from '../domain/group-by.js';
import type { PageQuery } from '../http/page.query.js';
import { type DeclaredRow, findDeclared, keyOfRow, listDeclared, placeOf } from './declared-rows.js';
import { noSuch } from './in-project.js';
import { originOf } from './origin.js';
import type { VipAddressDto, VipHolderDto, VipPoolDto } from './vippools.dto.js';

const KINDS = ['VipPool'] as const;

interface Counts {
  readonly pool: string;
  readonly used: number;
  readonly quarantined: number;
}

/** Reads of VipPools; several tables are read in one snapshot. */
@Injectable()
export class VipPoolsReader {
  constructor(private readonly dataSource: DataSource) {}

  /** By name. */
  async list({ limit, after }: PageQuery): Promise<Page<VipPoolDto>> {
    const behind = after === undefined ? undefined : placeOf(after);
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const rows = await listDeclared(tx, KINDS, { project: undefined, behind, limit: limit + 1 });
      const views = await viewsOf(tx, rows);
      return pageOf(rows, limit, (row) => views.get(row.name)!, keyOfRow);
    });
  }

  /** Throws `not-found`. */
  async get(name: string): Promise<VipPoolDto> {
    const found = await this.dataSource.transaction('REPEATABLE READ', async (tx) =>
      (await viewsOf(tx, await findDeclared(tx, KINDS, name))).get(name),
    );
    if (found) return found;
    throw noSuch('VIP pool', name, 'vippools');
  }

  /** Addresses of a pool that are not free, in the order of their text. A pool that was removed may have some. */
  async addresses(pool: string, { limit, after }: PageQuery): Promise<Page<VipAddressDto>> {
    const behind = after === undefined ? '' : String(decodeCursor(after, ['string'])[0]);
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const rows = await tx
        .createQueryBuilder(VipAddressRow, 'a')
        .where('a.pool = :pool and a.address > :behind', { pool, behind })
        .orderBy('a.address')
        .limit(limit + 1)
        .getMany();
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

async function viewsOf(
  tx: EntityManager,
  rows: readonly DeclaredRow[],
): Promise<ReadonlyMap<string, VipPoolDto>> {
  const counts = await tx.query<Counts[]>(
    `select pool, count(*) filter (where state = 'leased')::integer as used,
            count(*) filter (where state = 'quarantined')::integer as quarantined
       from vip_addresses where pool = any($1) group by pool`,
    [rows.map(({ name }) => name)],
  );
  const byPool = new Map(counts.map((count) => [count.pool, count]));
  return new Map(rows.map((row) => [row.name, poolView(row, byPool.get(row.name))]));
}

function poolView(row: DeclaredRow, counts: Counts | undefined): VipPoolDto {
  const resource = JSON.parse(row.body) as Resource;
  const {
    description = '',
    addresses,
    projects,
    quarantine = DEFAULT_QUARANTINE,
  } = specOf<VipPoolSpec>(resource);
  const model = vipPoolModel(resource);
  const { used = 0, quarantined = 0 } = counts ?? {};
  const size = sizeOf(model);
  return {
    name: row.name,
    description,
    addresses,
    ...(projects && { projects }),
    autoAssign: model.autoAssign,
    quarantine,
    size: told(size),
    used,
    quarantined,
    // of a pool that shrank, those outside of it are still held
    free: Math.max(0, told(size - BigInt(used + quarantined))),
    origin: originOf(row),
  };
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
