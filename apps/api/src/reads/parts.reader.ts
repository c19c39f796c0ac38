import { Injectable } from '@nestjs/common';
import {
  DeclaredSuccession,
  lineageOf,
  NO_SUCCESSION,
  type Part,
  type PartState,
  RENAMABLE,
  subscriptionOwner,
  type Succession,
} from '@signalbox/contracts';
import { jsonRows, lineageColumn, PartRow } from '@signalbox/store';
import { DataSource, In, type ObjectLiteral } from 'typeorm';
import { decodeCursor, type Page, pageOf } from '../domain/cursor.js';
import { OperatorResources } from '../operator-resources.js';
import type { PartItemDto, PartsQuery } from './parts.dto.js';

/** Which parts are listed. */
type PartsFilter = Pick<PartsQuery, 'source' | 'owner' | 'state'>;

/** Reads of dynamic config parts. */
@Injectable()
export class PartsReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly resources: OperatorResources,
  ) {}

  /** By source, its newest generation first. */
  async list({ limit, after, full, ...filter }: PartsQuery): Promise<Page<PartItemDto>> {
    const rows =
      after === undefined ? await this.page(filter, limit + 1) : await this.behind(after, filter, limit + 1);
    return pageOf(rows, limit, await this.itemOf(rows, full), (row) => [row.source, row.generation]);
  }

  /** What is to be withdrawn of live parts, by {@link keyOf}. Matcher writes it down a second after it was retracted. */
  private async withdrawals(
    live: readonly PartRow[],
    heirs: Succession,
  ): Promise<ReadonlyMap<string, Withdrawal>> {
    const keys = live.flatMap(({ body }) => lineagesOf(JSON.parse(body) as Part, heirs));
    if (keys.length === 0) return new Map();
    const found = await this.dataSource.query<Withdrawal[]>(
      `select p.subscription, p.group_name, p.lineage, p.due_at, p.reason from pending_withdrawals p
         join jsonb_to_recordset($1::jsonb) as r(subscription text, group_name text, lineage text)
           on (p.subscription, p.group_name, p.lineage) = (r.subscription, r.group_name, r.lineage)`,
      [jsonRows(keys)],
    );
    return new Map(found.map((one) => [keyOf(one), one]));
  }

  /** What is left of a source, then what follows it: a condition for both together is none that an index could begin at. */
  private async behind(after: string, filter: PartsFilter, limit: number): Promise<PartRow[]> {
    const [source, generation] = decodeCursor(after, ['string', 'number']);
    const rest = await this.page(filter, limit, 'p.source = :s and p.generation < :g::bigint', {
      s: source,
      g: generation,
    });
    if (rest.length === limit) return rest;
    return [...rest, ...(await this.page(filter, limit - rest.length, 'p.source > :s', { s: source }))];
  }

  private page(
    { source, owner, state }: PartsFilter,
    limit: number,
    from = 'true',
    values: ObjectLiteral = {},
  ): Promise<PartRow[]> {
    const query = this.dataSource
      .getRepository(PartRow)
      .createQueryBuilder('p')
      .where(from, values)
      .orderBy({ 'p.source': 'ASC', 'p.generation': 'DESC' })
      .limit(limit);
    if (source !== undefined) query.andWhere('p.source = :source', { source });
    if (owner !== undefined) query.andWhere('p.owner = :owner', { owner });
    if (state !== undefined) query.andWhere('p.state = :state', { state });
    return query.getMany();
  }

  /** The parts that some runs brought, without bodies, newest first. */
  async ofRuns(runIds: readonly string[]): Promise<PartItemDto[]> {
    const rows = await this.dataSource
      .getRepository(PartRow)
      .find({ where: { runId: In(runIds) }, order: { acceptedSeq: 'DESC' } });
    return rows.map(await this.itemOf(rows, false));
  }

  /** How these rows are told. */
  private async itemOf(rows: readonly PartRow[], full: boolean): Promise<(row: PartRow) => PartItemDto> {
    const live = rows.filter(({ state }) => LIVE.includes(state));
    const heirs = live.length === 0 ? NO_SUCCESSION : this.succession();
    const withdrawals = await this.withdrawals(live, heirs);
    return (row) => {
      if (!LIVE.includes(row.state)) return partItem(row, full);
      const [first] = lineagesOf(JSON.parse(row.body) as Part, heirs)
        .flatMap((key) => withdrawals.get(keyOf(key)) ?? [])
        .sort((a, b) => (a.due_at < b.due_at ? -1 : 1));
      const heir = heirs.heirOf(row.owner);
      return { ...partItem(row, full, first), ...(heir !== row.owner && { handedOverTo: heir }) };
    };
  }

  private succession(): Succession {
    return new DeclaredSuccession(
      RENAMABLE.flatMap(({ apiVersion, kind }) => this.resources.all(apiVersion, kind)),
    );
  }
}

/** A lineage of a subscription, as the table names it. */
interface LineageKey {
  readonly subscription: string;
  readonly group_name: string;
  readonly lineage: string;
}

interface Withdrawal extends LineageKey {
  readonly due_at: string;
  readonly reason: string;
}

const LIVE: readonly string[] = ['active', 'quarantined'];

/** Matcher names who a part belongs to now, which may have another name than who made it. */
function lineagesOf({ owner, subscription: maker, group, facts }: Part, heirs: Succession): LineageKey[] {
  if (maker === undefined || group === undefined) return [];
  const subscription = heirs.heirOf(owner).slice(subscriptionOwner('').length);
  return facts.map(({ origin, factKey }) => ({
    ...{ subscription, group_name: group },
    lineage: lineageColumn(lineageOf(origin, factKey)),
  }));
}

function keyOf({ subscription, group_name: group, lineage }: LineageKey): string {
  return `${subscription}\0${group}\0${lineage}`;
}

function partItem(row: PartRow, full: boolean, withdrawal?: Withdrawal): PartItemDto {
  const part = JSON.parse(row.body) as Part;
  const { resources, directives, actionPlans } = part;
  return {
    source: row.source,
    owner: row.owner,
    generation: row.generation,
    state: row.state as PartState,
    reason: row.reason,
    resources: resources.length,
    directives: directives.length,
    actionPlans: actionPlans.length,
    observedAt: part.observedAt,
    expiresAt: row.expiresAt,
    ...(withdrawal && { withdrawAt: withdrawal.due_at, withdrawReason: withdrawal.reason }),
    digest: part.digest,
    runId: row.runId,
    ...(part.subscription !== undefined && { subscription: part.subscription }),
    ...(part.plugin !== undefined && { plugin: part.plugin }),
    facts: part.facts,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    ...(full && { body: { resources, directives, actionPlans } }),
  };
}
