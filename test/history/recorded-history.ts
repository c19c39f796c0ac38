import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

/** One message of a stream as it stands there. */
export interface RecordedMessage {
  readonly seq: number;
  readonly subject: string;
  /** When the server stored it. A server that stores it again gives it another time. */
  readonly time: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The bytes: as text, or in base64 when they are no UTF-8. */
  readonly data: string;
  readonly encoding?: 'base64';
}

/** Messages that are left of a stream; there are none at other sequences up to `lastSeq`. */
export interface RecordedStream {
  readonly name: string;
  /** When the server made it: what has a position in it names this time. */
  readonly created: string;
  readonly lastSeq: number;
  readonly messages: readonly RecordedMessage[];
}

/** A row: of every column its value as `to_jsonb` writes it, as text, so that no digit of a number is lost. */
export type RecordedRow = Readonly<Record<string, string>>;

export interface RecordedTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly RecordedRow[];
}

/** Where a message stands. */
export interface MessagePlace {
  readonly stream: string;
  readonly seq: number;
}

/** What a site of one version stored, and what it made of it. */
export interface RecordedHistory {
  readonly version: string;
  /** Messages that no reader could read when they were recorded. All others have to stay readable. */
  readonly unreadable: readonly MessagePlace[];
  /** Body of `GET /v1/effective-config`. */
  readonly effectiveConfig: unknown;
  readonly streams: readonly RecordedStream[];
  readonly tables: readonly RecordedTable[];
}

type Summary = Pick<RecordedHistory, 'version' | 'unreadable'> & {
  readonly streams: readonly Omit<RecordedStream, 'messages'>[];
  readonly tables: readonly Omit<RecordedTable, 'rows'>[];
};

const SUMMARY = 'history.json';
const CONFIG = 'effective-config.json.gz';

/** Versions that a directory has histories of, oldest first. */
export function versionsIn(directory: string): string[] {
  if (!existsSync(directory)) return [];
  const versions = readdirSync(directory).filter((name) => existsSync(join(directory, name, SUMMARY)));
  return versions.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

/** Reads `<directory>/<version>`. */
export function readHistory(directory: string, version: string): RecordedHistory {
  const file = (name: string): Buffer => readFileSync(join(directory, version, name));
  const unzipped = (name: string): string => gunzipSync(file(name)).toString();
  const lines = <T>(name: string): T[] =>
    unzipped(name)
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as T);
  const { streams, tables, ...summary } = JSON.parse(file(SUMMARY).toString()) as Summary;
  return {
    ...summary,
    effectiveConfig: JSON.parse(unzipped(CONFIG)) as unknown,
    streams: streams.map((stream) => ({ ...stream, messages: lines(streamFile(stream.name)) })),
    tables: tables.map((table) => ({ ...table, rows: lines(tableFile(table.name)) })),
  };
}

/** Writes `<directory>/<version>`, in the place of what was there. */
export async function writeHistory(directory: string, history: RecordedHistory): Promise<void> {
  const { effectiveConfig, streams, tables, ...rest } = history;
  const place = join(directory, history.version);
  await rm(place, { recursive: true, force: true });
  await mkdir(place, { recursive: true });
  const zipped = (name: string, text: string): Promise<void> =>
    writeFile(join(place, name), gzipSync(text, { level: 9 }));
  const lines = (name: string, values: readonly object[]): Promise<void> =>
    zipped(name, values.map((value) => `${JSON.stringify(value)}\n`).join(''));
  for (const { name, messages } of streams) await lines(streamFile(name), messages);
  for (const { name, rows } of tables) await lines(tableFile(name), rows);
  await zipped(CONFIG, JSON.stringify(effectiveConfig));
  const summary: Summary = {
    ...rest,
    streams: streams.map(({ name, created, lastSeq }) => ({ name, created, lastSeq })),
    tables: tables.map(({ name, columns }) => ({ name, columns })),
  };
  await writeFile(join(place, SUMMARY), `${JSON.stringify(summary, null, 2)}\n`);
}

/** The bytes of a message. */
export function bytesOf({ data, encoding }: RecordedMessage): Buffer {
  return Buffer.from(data, encoding ?? 'utf8');
}

function streamFile(name: string): string {
  return `${name}.jsonl.gz`;
}

function tableFile(name: string): string {
  return `table-${name}.jsonl.gz`;
}
