import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { RawNats, Site } from '@signalbox/testing';
import pg from 'pg';

const EVERY_MS = 1000;
/** Columns of {@link SizeSamples.table}. */
const SHOWN = 6;

/** Names such as `ACTIVITY messages`, `runs rows`, `runs bytes`, `api rss`, and how many. */
export type Sizes = ReadonlyMap<string, number>;

interface StreamList {
  readonly streams: readonly {
    readonly config: { readonly name: string };
    readonly state: { readonly messages: number; readonly bytes: number };
  }[];
}

/** Looks once a second how large everything is that a site stores, and what its processes hold in memory. */
export class SizeSamples {
  readonly all: Sizes[] = [];
  private readonly seconds: number[] = [];
  private readonly startMs = Date.now();
  private readonly ending = new AbortController();
  private readonly working: Promise<void>;

  private constructor(
    private readonly site: Site,
    private readonly nats: RawNats,
    private readonly database: pg.Client,
    private readonly tables: readonly string[],
  ) {
    this.working = this.work();
    this.working.catch(() => undefined); // stop() throws it
  }

  static async start(site: Site, databaseUrl: string): Promise<SizeSamples> {
    const database = new pg.Client({ connectionString: databaseUrl });
    await database.connect();
    const { rows } = await database.query<{ name: string }>(
      'select tablename as name from pg_tables where schemaname = current_schema() order by name',
    );
    const nats = await site.rawNats();
    return new SizeSamples(
      site,
      nats,
      database,
      rows.map(({ name }) => name),
    );
  }

  /** Looks no more. Throws what a look has thrown. */
  async stop(): Promise<void> {
    this.ending.abort();
    try {
      await this.working;
    } finally {
      this.nats.close();
      await this.database.end();
    }
  }

  /** Of one name, in the order of time. */
  of(name: string, samples = this.all): number[] {
    return samples.map((sizes) => sizes.get(name) ?? 0);
  }

  get names(): string[] {
    return [...new Set(this.all.flatMap((sizes) => [...sizes.keys()]))].sort();
  }

  /** Samples of a third of the time: 1, 2 or 3. */
  third(which: 1 | 2 | 3): Sizes[] {
    const size = Math.floor(this.all.length / 3);
    return this.all.slice((which - 1) * size, which * size);
  }

  /** Everything at a few moments, for the eyes of who looks for growth. */
  table(): string {
    const moments = Array.from({ length: SHOWN }, (_, n) =>
      Math.floor(((n + 1) * this.all.length) / SHOWN - 1),
    );
    const line = (name: string, values: readonly (number | string)[]): string =>
      `${name.padEnd(32)}${values.map((value) => String(value).padStart(12)).join('')}\n`;
    return (
      line('seconds', pick(this.seconds, moments)) +
      this.names.map((name) => line(name, pick(this.of(name), moments))).join('')
    );
  }

  private async work(): Promise<void> {
    while (!this.ending.signal.aborted) {
      this.all.push(new Map([...(await this.streams()), ...(await this.rows()), ...(await this.memory())]));
      this.seconds.push(Math.round((Date.now() - this.startMs) / 1000));
      await pause(EVERY_MS, undefined, { signal: this.ending.signal }).catch(() => undefined);
    }
  }

  private async streams(): Promise<[string, number][]> {
    const { streams } = JSON.parse(await this.nats.request('$JS.API.STREAM.LIST', '{}')) as StreamList;
    return streams.flatMap(({ config: { name }, state }): [string, number][] => [
      [`${name} messages`, state.messages],
      [`${name} bytes`, state.bytes],
    ]);
  }

  private async rows(): Promise<[string, number][]> {
    const parts = this.tables.map(
      (name) =>
        `select '${name}' as name, count(*)::integer as rows, pg_total_relation_size('${name}')::float8 as bytes from ${name}`,
    );
    const { rows } = await this.database.query<{ name: string; rows: number; bytes: number }>(
      parts.join(' union all '),
    );
    return rows.flatMap(({ name, rows: count, bytes }): [string, number][] => [
      [`${name} rows`, count],
      [`${name} bytes`, bytes],
    ]);
  }

  private async memory(): Promise<[string, number][]> {
    const pids: [string, number | undefined][] = [['nats-server', this.site.nats.pid()]];
    for (const name of (await this.site.serviceUrls()).keys())
      pids.push([name, await this.site.servicePid(name)]);
    return Promise.all(
      pids.map(async ([name, pid]): Promise<[string, number]> => [`${name} rss`, await rssOf(pid)]),
    );
  }
}

function pick(values: readonly number[], at: readonly number[]): number[] {
  return at.map((index) => values[index] ?? 0);
}

/** Resident bytes of a process, 0 where nobody tells. */
async function rssOf(pid: number | undefined): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1024;
}
