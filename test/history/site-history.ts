import { canonicalJson, groupOfStream } from '@signalbox/contracts';
import { isNotFound } from '@signalbox/bus';
import { siteProjections } from '@signalbox/store';
import { connect, type JetStreamManager, type StoredMsg } from 'nats';
import type pg from 'pg';
import { holdsRecords, kindOf } from './record-kinds.js';
import {
  bytesOf,
  type MessagePlace,
  type RecordedHistory,
  type RecordedMessage,
  type RecordedRow,
  type RecordedStream,
  type RecordedTable,
} from './recorded-history.js';

/** Services whose tables are not frozen yet. */
const NOT_YET = ['health', 'balancer'];

/** The projections of the chain, with one of facts for each of these groups. */
export function chainProjections(groups: readonly string[]): ReturnType<typeof siteProjections> {
  return siteProjections(groups).filter(({ owner }) => !NOT_YET.includes(owner));
}

/** The tables of the chain. */
export function chainTables(): readonly string[] {
  return [...new Set(chainProjections(['any']).flatMap(({ tables }) => tables.map(({ name }) => name)))];
}

/** Groups whose facts a history has. */
export function groupsOf({ streams }: Pick<RecordedHistory, 'streams'>): string[] {
  return streams.flatMap(({ name }) => groupOfStream(name) ?? []);
}

/** Everything that the streams of a site hold, but for what is still to be taken in. */
export async function readStreams(natsUrl: string): Promise<RecordedStream[]> {
  const connection = await connect({ servers: natsUrl });
  try {
    const manager = await connection.jetstreamManager();
    const streams: RecordedStream[] = [];
    for await (const { config, created, state } of manager.streams.list()) {
      if (!holdsRecords(config.name)) continue;
      const messages: RecordedMessage[] = [];
      for (let seq = state.first_seq; seq <= state.last_seq; seq += 1) {
        const message = await messageAt(manager, config.name, seq);
        if (message) messages.push(recorded(message));
      }
      streams.push({ name: config.name, created, lastSeq: state.last_seq, messages });
    }
    return streams.sort((a, b) => (a.name < b.name ? -1 : 1));
  } finally {
    await connection.close();
  }
}

async function messageAt(
  manager: JetStreamManager,
  stream: string,
  seq: number,
): Promise<StoredMsg | undefined> {
  try {
    return await manager.streams.getMessage(stream, { seq });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function recorded({ seq, subject, time, header, data }: StoredMsg): RecordedMessage {
  const headers = Object.fromEntries(header.keys().map((name) => [name, header.get(name)]));
  const text = Buffer.from(data).toString();
  const isText = Buffer.from(text).equals(data);
  return {
    seq,
    subject,
    time: time.toISOString(),
    ...(Object.keys(headers).length > 0 && { headers }),
    data: isText ? text : Buffer.from(data).toString('base64'),
    ...(!isText && { encoding: 'base64' }),
  };
}

/** Messages that this version cannot read. */
export function unreadableIn(streams: readonly RecordedStream[]): MessagePlace[] {
  return streams.flatMap(({ name, messages }) =>
    messages.filter((message) => !isReadable(message)).map(({ seq }) => ({ stream: name, seq })),
  );
}

function isReadable(message: RecordedMessage): boolean {
  try {
    kindOf(message.subject)?.decode(bytesOf(message));
    return true;
  } catch {
    return false;
  }
}

/** Columns and rows of tables, the rows in the order of their text. */
export async function readTables(client: pg.Client, names: readonly string[]): Promise<RecordedTable[]> {
  const tables: RecordedTable[] = [];
  for (const name of names) {
    const { rows: columns } = await client.query<{ name: string }>(
      `select column_name as name from information_schema.columns
        where table_schema = 'public' and table_name = $1 order by column_name`,
      [name],
    );
    const { rows } = await client.query<{ row: RecordedRow }>(
      `select (select jsonb_object_agg(e.key, e.value::text) from jsonb_each(to_jsonb(t)) e) as row from ${name} t`,
    );
    const sorted = rows.map(({ row }) => ({ row, text: canonicalJson(row) }));
    sorted.sort((a, b) => (a.text < b.text ? -1 : 1));
    tables.push({ name, columns: columns.map((column) => column.name), rows: sorted.map(({ row }) => row) });
  }
  return tables;
}

/** Rows as lines to compare, of the columns that are asked for only. A column that is not there is told as such. */
export function linesOf({ name, rows }: RecordedTable, columns: readonly string[]): string[] {
  const lines = rows.map((row) =>
    canonicalJson(Object.fromEntries(columns.map((column) => [column, row[column] ?? 'no such column']))),
  );
  return lines.sort().map((line) => `${name} ${line}`);
}
