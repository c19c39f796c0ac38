import type { Bus } from '@signalbox/bus';
import { type Fact, type FactSourceSpec, factsStream, timestampMs } from '@signalbox/contracts';
import {
  FACT_COLUMNS,
  type FactColumns,
  factOfColumns,
  factsProjectionName,
  loadPosition,
  streamCreated,
} from '@signalbox/store';
import type { DataSource } from 'typeorm';
import type { ReadFact } from '../../domain/discovery/registrations.js';

/** How many retractions are read at a start, the newest of them. */
const MAX_RETRACTIONS = 10_000;

const COLUMNS = `${FACT_COLUMNS}, origin_sequence, accepted_at`;

interface RegisteredColumns extends FactColumns {
  readonly origin_sequence: number;
  readonly accepted_at: string;
}

/** What the table of facts has for a source, and up to where in the stream of the group. */
export interface RegisteredFacts {
  readonly facts: readonly ReadFact[];
  readonly seq: number;
}

/**
 * The facts of a source that are not over at `nowMs`, those that `known` names whether they are over or not, and the retractions.
 * Throws while NATS or Postgres is away, and while there is no stream of the group.
 */
export async function registeredFacts(
  bus: Bus,
  dataSource: DataSource,
  { group, type, retractType }: FactSourceSpec,
  { known, nowMs }: { readonly known: readonly string[]; readonly nowMs: number },
): Promise<RegisteredFacts> {
  const stream = factsStream(group);
  const created = await streamCreated(bus, stream);
  return dataSource.transaction('REPEATABLE READ', async (tx) => {
    const seq = await loadPosition(tx, factsProjectionName(group), stream, created);
    // the expiry as the index has it, see the migration `reading`
    const live = await tx.query<RegisteredColumns[]>(
      `select ${COLUMNS} from facts
        where group_name = $1 and type = $2 and coalesce(expires_ns, 9223372036854775807) >= $3::bigint`,
      [group, type, (BigInt(nowMs) * 1_000_000n).toString()],
    );
    const named = await tx.query<RegisteredColumns[]>(
      `select ${COLUMNS} from facts where group_name = $1 and id = any($2::text[])`,
      [group, known],
    );
    const retracting =
      retractType === undefined
        ? []
        : await tx.query<RegisteredColumns[]>(
            `select ${COLUMNS} from facts where group_name = $1 and type = $2
              order by observed_ns desc, id desc limit ${MAX_RETRACTIONS}`,
            [group, retractType],
          );
    const rows = new Map([...live, ...named, ...retracting].map((row) => [row.id, row]));
    return { facts: [...rows.values()].sort((a, b) => a.seq - b.seq).map(readFact), seq };
  });
}

function readFact(row: RegisteredColumns): ReadFact {
  const originSequence = Number(row.origin_sequence);
  const fact: Fact = { ...factOfColumns(row), ...(originSequence > 0 && { originSequence }) };
  return { fact, seq: Number(row.seq), acceptedMs: timestampMs(row.accepted_at) };
}
