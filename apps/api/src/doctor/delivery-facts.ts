import { Injectable } from '@nestjs/common';
import { formatTime } from '@signalbox/contracts';
import { DataSource } from 'typeorm';
import {
  type GroupFacts,
  MOST_DUE,
  type PeerFacts,
  type RunFacts,
  WINDOW_MS,
} from '../domain/doctor/federation-facts.js';
import type { PeerStanding } from '../reads/peer-standings.js';

/** Most runs that are counted one by one. */
const MOST_RUNS = 10_000;
/** What nobody knows of is missing after so long: until then its row may be on the way. Milliseconds. */
const MISSING_AFTER_MS = 60_000;
/** And no longer: rows of deliveries go with the records that they are made of. Milliseconds. */
const MISSING_BEFORE_MS = 24 * 3_600_000;

const WANTED = `
  f.group_name = $1 and f.own and (f.expires_ns is null or f.expires_ns >= $4::bigint)
    and (cardinality($5::text[]) = 0 or f.type = any($5::text[]))
    and (cardinality($6::text[]) = 0 or exists (select from unnest($6::text[]) p where starts_with(f.subject, p)))`;

/** Facts of ours that live and that a peer wants: the newest, and the first of those that are due; each with its delivery. */
const OF_PEER = `
  with wanted as (
    (select f.id, f.seq, f.version, f.expires_ns, f.accepted_at from facts f where ${WANTED} order by f.seq desc limit ${MOST_DUE})
    union
    (select f.id, f.seq, f.version, f.expires_ns, f.accepted_at from facts f where ${WANTED} and f.seq > $3
      order by f.seq limit ${MOST_DUE})),
  stands as (
    select w.expires_ns, w.accepted_at, d.id is null as untold, d.state, coalesce(d.delivered_version, 0) as got,
           coalesce(d.delivered_version, 0) >= w.version as delivered, w.seq > $3 as ahead
      from wanted w left join deliveries d on d.group_name = $1 and d.peer = $2 and d.id = w.id)
  select count(*) filter (where delivered or got > 0) as delivered,
         count(*) filter (where not delivered and got > 0) as stale,
         count(*) filter (where not delivered and state in ('failed', 'dead')) as failed,
         count(*) filter (where not delivered and (state = 'pending' or state = 'delivered' or untold and ahead)) as pending,
         count(*) filter (where untold and not ahead and accepted_at < $7 and accepted_at > $8) as missing,
         min(expires_ns) as soonest, min(expires_ns) filter (where not delivered) as "dueSoonest",
         min(accepted_at) filter (where not delivered and (ahead or not untold)) as waiting
    from stands`;

/** Longest way of what was delivered within the window. */
const LAG = `
  select max(extract(epoch from r.delivered_at::timestamptz - coalesce(f.accepted_at, r.observed_at)::timestamptz)) as lag
    from (select group_name, id, seq, delivered_at, observed_at from deliveries
           where peer = $2 and group_name = $1 and last_attempt_at >= $3 and state = 'delivered'
           order by last_attempt_at desc limit ${MOST_DUE}) r
    left join facts f on f.group_name = r.group_name and f.id = r.id and f.seq = r.seq`;

const EVENTS = `
  select count(*) filter (where alive) as events, count(*) filter (where alive and own) as own from (
    select own, expires_ns is null or expires_ns >= $2::bigint as alive from facts where group_name = $1
     order by seq desc limit ${MOST_DUE}) f`;

/** The latest runs that are at an end, and those that are not. */
const RUNS = `
  select group_name as "group", state, count(*) as count from (
    (select group_name, state from runs
      where planned_at >= $1 and state in ('succeeded', 'failed', 'withdrawn', 'skipped')
      order by planned_at desc, run_id desc limit ${MOST_RUNS})
    union all
    (select group_name, state from runs
      where state not in ('succeeded', 'failed', 'withdrawn', 'skipped') limit ${MOST_RUNS})) r
   group by group_name, state`;

interface StandsRow extends Pick<PeerFacts, 'delivered' | 'failed' | 'pending' | 'missing'> {
  readonly stale: number;
  readonly soonest: string | number | null;
  readonly dueSoonest: string | number | null;
  readonly waiting: string | null;
}

/** Counts deliveries and runs for doctor; costs what is bounded here, however much is stored. */
@Injectable()
export class DeliveryFacts {
  constructor(private readonly dataSource: DataSource) {}

  /** Deliveries to one peer. */
  async ofPeer(
    peer: PeerStanding,
    nowMs: number,
  ): Promise<Omit<PeerFacts, 'peer' | 'nodeName' | 'endpoint' | 'error' | 'skewSeconds'>> {
    const { group, name, types, subjectPrefixes, doneUpTo } = peer;
    const [row] = await this.dataSource.query<StandsRow[]>(OF_PEER, [
      ...[group, name, doneUpTo, `${nowMs}000000`, types, subjectPrefixes],
      formatTime(nowMs - MISSING_AFTER_MS),
      formatTime(nowMs - MISSING_BEFORE_MS),
    ]);
    const since = formatTime(nowMs - WINDOW_MS);
    const [{ lag = null } = {}] = await this.dataSource.query<{ lag: string | number | null }[]>(LAG, [
      ...[group, name, since],
    ]);
    const { delivered = 0, stale = 0, failed = 0, pending = 0, missing = 0 } = row ?? {};
    const waiting = row?.waiting ?? undefined;
    const waitingMs = waiting === undefined ? undefined : nowMs - Date.parse(waiting);
    const lags = [lag === null ? [] : Number(lag), waitingMs === undefined ? [] : waitingMs / 1000].flat();
    const soonest = secondsUntil(row?.soonest, nowMs);
    const dueSoonest = secondsUntil(row?.dueSoonest, nowMs);
    return {
      ...{ delivered, staleTtl: stale, failed, pending, missing },
      ...(lags.length > 0 && { maxLagSeconds: Math.max(0, ...lags) }),
      ...(soonest !== undefined && { minExpiresInSeconds: soonest }),
      ...(dueSoonest !== undefined && { dueExpiresInSeconds: dueSoonest }),
    };
  }

  /** Those of the newest {@link MOST_DUE} facts of a group that live. */
  async events(group: string, nowMs: number): Promise<Pick<GroupFacts, 'events' | 'ownEvents'>> {
    const [row] = await this.dataSource.query<{ events: number; own: number }[]>(EVENTS, [
      group,
      `${nowMs}000000`,
    ]);
    return { events: row?.events ?? 0, ownEvents: row?.own ?? 0 };
  }

  /** Runs by group: those that were planned since then, and those that are not at an end. */
  async runs(since: string): Promise<ReadonlyMap<string, RunFacts>> {
    const rows = await this.dataSource.query<{ group: string; state: string; count: number }[]>(RUNS, [
      since,
    ]);
    const runs = new Map<string, RunFacts>();
    for (const { group, state, count } of rows) {
      const { total, succeeded, failed, pending } = runs.get(group) ?? NO_RUNS;
      const isOpen = !['succeeded', 'failed', 'withdrawn', 'skipped'].includes(state);
      runs.set(group, {
        total: total + count,
        succeeded: succeeded + (state === 'succeeded' ? count : 0),
        failed: failed + (state === 'failed' ? count : 0),
        pending: pending + (isOpen ? count : 0),
      });
    }
    return runs;
  }
}

const NO_RUNS: RunFacts = { total: 0, succeeded: 0, failed: 0, pending: 0 };

function secondsUntil(ns: string | number | null | undefined, nowMs: number): number | undefined {
  return ns === null || ns === undefined ? undefined : (Number(ns) / 1e6 - nowMs) / 1000;
}
