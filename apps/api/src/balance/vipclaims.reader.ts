import { Injectable } from '@nestjs/common';
import {
  BALANCE_API,
  type Resource,
  scopedName,
  specOf,
  toldProject,
  type VipClaimSpec,
  type VipWaitCode,
} from '@signalbox/contracts';
import type { VipHolderRow } from '@signalbox/store';
import { DataSource, type EntityManager } from 'typeorm';
import { type Page, pageOf } from '../domain/cursor.js';
import { groupBy } from '../domain/group-by.js';
import { type DeclaredRow, findDeclared, keyOfRow, listDeclared, placeOf } from './declared-rows.js';
import type { FrontendsQuery } from './frontends.dto.js';
import { noSuch } from './in-project.js';
import { originOf } from './origin.js';
import { claimsOf } from './vip-rows.js';
import type { VipClaimDto } from './vipclaims.dto.js';

const KINDS = ['VipClaim'] as const;

/** Reads of VipClaims; several tables are read in one snapshot. */
@Injectable()
export class VipClaimsReader {
  constructor(private readonly dataSource: DataSource) {}

  /** By project and name. */
  async list({ project, limit, after }: FrontendsQuery): Promise<Page<VipClaimDto>> {
    const behind = after === undefined ? undefined : placeOf(after);
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const rows = await listDeclared(tx, KINDS, { project, behind, limit: limit + 1 });
      const views = await viewsOf(tx, rows);
      return pageOf(rows, limit, (row) => views.get(row)!, keyOfRow);
    });
  }

  /** Throws `not-found`. */
  async get(scoped: string): Promise<VipClaimDto> {
    const [found] = await this.dataSource.transaction('REPEATABLE READ', async (tx) => [
      ...(await viewsOf(tx, await findDeclared(tx, KINDS, scoped))).values(),
    ]);
    if (found) return found;
    throw noSuch('VIP claim', scoped, 'vipclaims');
  }
}

async function viewsOf(
  tx: EntityManager,
  rows: readonly DeclaredRow[],
): Promise<ReadonlyMap<DeclaredRow, VipClaimDto>> {
  const recorded = await claimsOf(
    tx,
    rows.map(({ project, name }) => scopedName(project, name)),
  );
  const users = await usersOf(tx, rows);
  return new Map(
    rows.map((row) => {
      const scoped = scopedName(row.project, row.name);
      return [row, claimView(row, recorded.get(scoped), users.get(scoped) ?? [])];
    }),
  );
}

/** Names of the LoadBalancers that name each claim. */
async function usersOf(
  tx: EntityManager,
  rows: readonly DeclaredRow[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = await tx.query<{ project: string; claim: string; name: string }[]>(
    `select given.project, given.name as claim, e.name
       from unnest($1::text[], $2::text[]) as given(project, name)
       join effective_resources e on e.api_version = '${BALANCE_API}' and e.kind = 'LoadBalancer'
        and e.project = given.project and e.body::jsonb #>> '{spec,vipClaim}' = given.name
      order by e.project, e.name`,
    [rows.map(({ project }) => project), rows.map(({ name }) => name)],
  );
  const grouped = groupBy(found, ({ project, claim }) => scopedName(project, claim));
  return new Map([...grouped].map(([claim, own]) => [claim, own.map(({ name }) => name)]));
}

function claimView(
  row: DeclaredRow,
  recorded: VipHolderRow | undefined,
  loadBalancers: readonly string[],
): VipClaimDto {
  const { description = '', sharingKey } = specOf<VipClaimSpec>(JSON.parse(row.body) as Resource);
  return {
    name: row.name,
    ...toldProject(scopedName(row.project, row.name)),
    description,
    ...(recorded ? stateOf(recorded) : { state: 'pending' }),
    ...(sharingKey !== undefined && { sharingKey }),
    loadBalancers,
    origin: originOf(row),
  };
}

function stateOf({
  state,
  address,
  pool,
  code,
  reason,
  at,
}: VipHolderRow): Pick<VipClaimDto, 'state' | 'address' | 'pool' | 'code' | 'reason' | 'at'> {
  return {
    state: state as VipClaimDto['state'],
    ...(address !== null && { address }),
    ...(pool !== null && { pool }),
    ...(code !== null && { code: code as VipWaitCode }),
    ...(reason !== null && { reason }),
    at,
  };
}
