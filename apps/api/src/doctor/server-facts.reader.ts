import { readFile, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { Bus, streamInfo } from '@signalbox/bus';
import { STREAMS } from '@signalbox/contracts';
import { Clock, SITE_CONFIG, type SiteConfig } from '@signalbox/runtime';
import { DataSource } from 'typeorm';
import type { ReadClock } from '../domain/doctor/clock-checks.js';
import type { DiskFacts, NatsFacts, PostgresFacts } from '../domain/doctor/server-checks.js';

/** The server syncs so often when nobody says. */
const DEFAULT_SYNC = '2m';
const NANOS = /\.(\d{3})\d*/;

const SETTINGS = `
  select current_setting('server_version_num')::integer as "versionNumber", current_setting('fsync') as fsync,
         current_setting('synchronous_commit') as synchronous_commit, current_setting('full_page_writes') as full_page_writes,
         current_setting('max_connections')::integer as "maxConnections",
         (select sum(numbackends)::integer from pg_stat_database) as connections,
         (extract(epoch from clock_timestamp()) * 1000)::bigint as "nowMs"`;

/** What doctor has to know of NATS, Postgres and the disk. */
@Injectable()
export class ServerFactsReader {
  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    @Inject(SITE_CONFIG) private readonly config: SiteConfig,
  ) {}

  async nats(): Promise<NatsFacts & { readonly clock: ReadClock }> {
    const { info } = this.bus.connection;
    const account = await this.bus.manager.getAccountInfo();
    const askedMs = this.clock.now();
    const journal: { readonly ts?: unknown } | undefined = await streamInfo(
      this.bus.manager,
      STREAMS.journal,
    );
    const { hostname } = new URL(
      /:\/\//.test(this.config.nats.url) ? this.config.nats.url : `nats://${this.config.nats.url}`,
    );
    const syncInterval = await this.syncInterval();
    return {
      version: info?.version ?? 'unknown',
      maxPayload: info?.max_payload ?? 0,
      tls: info?.tls_required === true,
      isFar: !['127.0.0.1', 'localhost', '[::1]'].includes(hostname),
      ...(syncInterval !== undefined && { syncInterval }),
      storage: { used: account.storage, limit: account.limits.max_storage },
      clock: { name: 'NATS', ...skew(timeOf(journal?.ts), askedMs, this.clock.now()) },
    };
  }

  async postgres(): Promise<PostgresFacts & { readonly clock: ReadClock }> {
    const askedMs = this.clock.now();
    const [row] =
      await this.dataSource.query<
        (Omit<PostgresFacts, 'settings'> & PostgresFacts['settings'] & { readonly nowMs: number | string })[]
      >(SETTINGS);
    if (!row) throw new Error('Postgres told nothing of itself');
    const { versionNumber, fsync, synchronous_commit, full_page_writes, connections, maxConnections, nowMs } =
      row;
    return {
      versionNumber,
      settings: {
        ...(fsync !== undefined && { fsync }),
        ...(synchronous_commit !== undefined && { synchronous_commit }),
        ...(full_page_writes !== undefined && { full_page_writes }),
      },
      connections,
      maxConnections,
      clock: { name: 'Postgres', ...skew(Number(nowMs), askedMs, this.clock.now()) },
    };
  }

  async disks(): Promise<DiskFacts[]> {
    const { stateDir } = this.config;
    const { bsize, blocks, bavail } = await statfs(stateDir);
    return [{ place: stateDir, used: (blocks - bavail) * bsize, size: blocks * bsize }];
  }

  /** A NATS of ours has its configuration beside our state; another one does not tell it to clients. */
  private async syncInterval(): Promise<string | undefined> {
    let text: string;
    try {
      text = await readFile(join(this.config.stateDir, 'nats.conf'), 'utf8');
    } catch {
      return undefined;
    }
    return /^\s*sync_interval:\s*"?([\w.]+)"?/m.exec(text)?.[1] ?? DEFAULT_SYNC;
  }
}

function timeOf(text: unknown): number | undefined {
  const ms = typeof text === 'string' ? Date.parse(text.replace(NANOS, '.$1')) : NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

/** Seconds that a time lies outside of the two of ours between which it was read. */
function skew(
  theirMs: number | undefined,
  askedMs: number,
  answeredMs: number,
): { readonly skewSeconds?: number } {
  if (theirMs === undefined) return {};
  const offMs = theirMs > answeredMs ? theirMs - answeredMs : Math.min(0, theirMs - askedMs);
  return { skewSeconds: offMs / 1000 };
}
