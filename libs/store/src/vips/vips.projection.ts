import {
  decodeVipBatch,
  holderKey,
  STREAMS,
  SUBJECTS,
  type VipHolder,
  type VipRecord,
  type VipWaitCode,
} from '@signalbox/contracts';
import type { DataSource } from 'typeorm';
import type { FoldTables } from '../fold-transaction.js';
import { jsonRows, lastPerKey } from '../json-rows.js';
import type { Projection } from '../projection.js';
import type { VipAddressRow } from './vip-address.entity.js';
import type { VipHolderRow } from './vip-holder.entity.js';

type Sequenced = VipRecord & { readonly seq: number };

/** `vip_addresses` and `vip_holders` = fold of `activity.vip`: which VIPs are not free, and who has or wants which. */
export const vipsProjection: Projection = {
  name: 'vips',
  owner: 'balancer',
  stream: STREAMS.activity,
  filter: SUBJECTS.vips,
  addedIn: '0.2.0',
  tables: [
    { name: 'vip_addresses', key: ['address'] },
    { name: 'vip_holders', key: ['kind', 'name'] },
  ],
  apply: (batch, tx) => {
    const records = batch.flatMap(({ data, seq }) =>
      decodeVipBatch(data).records.map((record): Sequenced => ({ ...record, seq })),
    );
    foldAddresses(records, tx);
    foldHolders(records, tx);
    return Promise.resolve();
  },
};

/** The newest record of an address says all that there is to say of it. */
function foldAddresses(records: readonly Sequenced[], tx: FoldTables): void {
  const rows = lastPerKey(
    records.flatMap((record) => addressRow(record) ?? []),
    ({ address }) => address,
  );
  const free = rows.filter(({ state }) => state === 'free');
  const taken = rows.filter(({ state }) => state !== 'free');
  if (free.length > 0)
    tx.write(
      `delete from vip_addresses t using jsonb_to_recordset($1::jsonb) as r(address text) where t.address = r.address`,
      [jsonRows(free)],
    );
  if (taken.length > 0)
    tx.write(
      `insert into vip_addresses
       select r.address, r.seq, r.at, r.pool, r.project, r.state, r.sharing, r.until, r.last_kind, r.last_name
         from jsonb_to_recordset($1::jsonb) as r(address text, seq bigint, at text, pool text, project text, state text,
           sharing text, until text, last_kind text, last_name text)
       on conflict (address) do update set seq = excluded.seq, at = excluded.at, pool = excluded.pool,
         project = excluded.project, state = excluded.state, sharing = excluded.sharing, until = excluded.until,
         last_kind = excluded.last_kind, last_name = excluded.last_name`,
      [jsonRows(taken)],
    );
}

interface AddressFold {
  readonly address: string;
  readonly state: 'leased' | 'quarantined' | 'free';
  readonly seq: number;
  readonly at: string;
}

/** What a record says of an address; undefined: nothing. */
function addressRow(record: Sequenced): AddressFold | undefined {
  const { seq, at } = record;
  switch (record.type) {
    case 'waiting':
      return undefined;
    case 'freed':
      return { address: record.address, seq, at, state: 'free' };
    case 'leased': {
      const { address, pool, project, sharing } = record;
      return { address, seq, at, state: 'leased', ...{ pool, project, sharing } };
    }
    case 'released': {
      const { address, pool, project, rest, until, holder } = record;
      if (address === undefined || rest === undefined || rest === 'held') return undefined;
      const last = { last_kind: holder.kind, last_name: holder.name };
      return { address, seq, at, state: rest, ...{ pool, project, until }, ...last };
    }
  }
}

/** The newest record of a holder says all that there is to say of it. */
function foldHolders(records: readonly Sequenced[], tx: FoldTables): void {
  const rows = lastPerKey(
    records.flatMap((record) => holderRow(record) ?? []),
    ({ holder }) => holderKey(holder),
  ).map(({ holder, ...row }) => ({ ...holder, ...row }));
  const gone = rows.filter(({ state }) => state === 'released');
  const present = rows.filter(({ state }) => state !== 'released');
  if (gone.length > 0)
    tx.write(
      `delete from vip_holders t using jsonb_to_recordset($1::jsonb) as r(kind text, name text)
        where (t.kind, t.name) = (r.kind, r.name)`,
      [jsonRows(gone)],
    );
  if (present.length > 0)
    tx.write(
      `insert into vip_holders
       select r.kind, r.name, r.seq, r.at, r.project, r.state, r.address, r.pool, r.code, r.reason
         from jsonb_to_recordset($1::jsonb) as r(kind text, name text, seq bigint, at text, project text, state text,
           address text, pool text, code text, reason text)
       on conflict (kind, name) do update set seq = excluded.seq, at = excluded.at, project = excluded.project,
         state = excluded.state, address = excluded.address, pool = excluded.pool, code = excluded.code,
         reason = excluded.reason`,
      [jsonRows(present)],
    );
}

interface HolderFold {
  readonly holder: VipHolder;
  readonly state: 'leased' | 'waiting' | 'released';
}

/** What a record says of a holder; undefined: nothing. */
function holderRow(record: Sequenced): HolderFold | undefined {
  if (record.type === 'freed') return undefined;
  const { holder, seq, at, project, type: state } = record;
  const row = { holder, state, ...{ seq, at, project } };
  if (record.type === 'leased') return { ...row, ...{ address: record.address, pool: record.pool } };
  return record.type === 'waiting' ? { ...row, ...{ code: record.code, reason: record.reason } } : row;
}

/** The records that the rows stand for: folded, they say what the rows say. */
export async function vipRecordsOf(dataSource: DataSource): Promise<VipRecord[]> {
  return dataSource.transaction('REPEATABLE READ', async (tx) => {
    const addresses = await tx.query<AddressColumns[]>(`select * from vip_addresses order by address`);
    const holders = await tx.query<VipHolderRow[]>(`select * from vip_holders order by kind, name`);
    const byAddress = new Map(addresses.map((row) => [row.address, row]));
    return [
      ...holders.map((row): VipRecord => {
        const { at, project } = row;
        const holder: VipHolder = { kind: row.kind as VipHolder['kind'], name: row.name };
        if (row.address === null)
          return {
            ...{ type: 'waiting', at, holder, project },
            ...{ code: row.code as VipWaitCode, reason: row.reason ?? '' },
          };
        const sharing = byAddress.get(row.address)?.sharing ?? null;
        const terms = sharing === null ? {} : { sharing };
        return { type: 'leased', at, holder, project, address: row.address, pool: row.pool ?? '', ...terms };
      }),
      ...addresses.flatMap(quarantineOf),
    ];
  });
}

type AddressColumns = VipAddressRow & {
  readonly last_kind: string | null;
  readonly last_name: string | null;
};

/** An address in quarantine was leased to its last holder, who gave it up. */
function quarantineOf(row: AddressColumns): VipRecord[] {
  if (row.state !== 'quarantined' || row.until === null) return [];
  const { at, project, address, pool, until } = row;
  const holder = { kind: row.last_kind as VipHolder['kind'], name: row.last_name ?? '' };
  return [
    { type: 'leased', at, holder, project, address, pool },
    { type: 'released', at, holder, project, address, pool, rest: 'quarantined', until },
  ];
}
