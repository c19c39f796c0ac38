import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import {
  CodedError,
  DEFAULT_QUARANTINE,
  readScopedName,
  type Resource,
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
import type { PageQuery } from '../http/page.query.js';
import { type DeclaredRow, findDeclared, keyOfRow, listDeclared, placeOf } from './declared-rows.js';
import { noSuch } from './in-project.js';
import { originOf } from './origin.js';
import type { VipAddressDto, VipHolderDto, VipPoolDto } from './vippools.dto.js';

const KINDS = ['VipPool'] as const;

/** How long `balancer` may take to count. Milliseconds. */
const ASK_MS = 1000;

type Counts = ReadonlyMap<string, VipPoolCounts>;

/** Reads of VipPools; `balancer` counts what is given, and what it does not say is left out rather than waited for. */
@Injectable()
export class VipPoolsReader {
  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
  ) {}

  /** By name. */
  async list({ limit, after }: PageQuery): Promise<Page<VipPoolDto>> {
    const behind = after === undefined ? undefined : placeOf(after);
    const counts = await this.counts();
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const rows = await listDeclared(tx, KINDS, { project: undefined, behind, limit: limit + 1 });
      return pageOf(rows, limit, (row) => poolView(row, counts), keyOfRow);
    });
  }

  /** Throws `not-found`. */
  async get(name: string): Promise<VipPoolDto> {
    const counts = await this.counts();
    const [row] = await findDeclared(this.dataSource.manager, KINDS, name);
    if (row) return poolView(row, counts);
    throw noSuch('VIP pool', name, 'vippools');
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
