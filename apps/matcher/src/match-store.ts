import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import { factsStream, lineageOf, STREAMS, timestampMs } from '@signalbox/contracts';
import {
  jsonRows,
  lastPerKey,
  loadPosition,
  matchKey,
  runsProjection,
  type RunView,
  savePosition,
  streamCreated,
} from '@signalbox/store';
import { DataSource } from 'typeorm';
import type { PlannerSnapshot } from './domain/planner-snapshot.js';
import type { MatchedFact } from './domain/run-order.js';

/** A match that the table must know before the facts' position passes it. */
export interface Match {
  readonly subscription: string;
  readonly group: string;
  /** Revision of the rule that matched. */
  readonly revision: number;
  readonly matched: MatchedFact;
}

/** Where the matcher starts. */
export interface MatcherState {
  readonly planner: PlannerSnapshot;
  /** Position of the snapshot in ACTIVITY. */
  readonly activitySeq: number;
}

const UNFINISHED = ['waiting', 'queued', 'running', 'retrying', 'proposed'];

/** Reads and writes the matcher's own tables. */
@Injectable()
export class MatchStore {
  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
  ) {}

  /** Pending lineages and unfinished runs at one position of ACTIVITY. */
  async load(): Promise<MatcherState> {
    const created = await streamCreated(this.bus, STREAMS.activity);
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const activitySeq = await loadPosition(tx, runsProjection.name, STREAMS.activity, created);
      const pending = await tx.query<
        {
          subscription: string;
          group: string;
          matched: string;
          matchedSeq: number;
          matchedRevision: number;
        }[]
      >(
        `select subscription, group_name as "group", matched, matched_seq as "matchedSeq",
                matched_revision as "matchedRevision"
           from matches where (matched_seq, matched_revision) > (planned_seq, planned_revision)`,
      );
      const runs = await tx.query<{ view: string }[]>('select view from runs where state = any($1::text[])', [
        UNFINISHED,
      ]);
      const lineages = pending.map(({ matched: text, ...row }) => {
        const matched = JSON.parse(text) as MatchedFact;
        return {
          ...row,
          plannedSeq: 0,
          matched,
          lineage: lineageOf(matched.fact.origin, matched.fact.factKey),
        };
      });
      return {
        planner: { lineages, runs: runs.map(({ view }) => unfinished(JSON.parse(view) as RunView)) },
        activitySeq,
      };
    });
  }

  /** How far the facts of a group have been matched. */
  async positionOf(group: string): Promise<{ seq: number; created: string }> {
    const created = await streamCreated(this.bus, factsStream(group));
    return {
      seq: await loadPosition(this.dataSource.manager, 'matches', factsStream(group), created),
      created,
    };
  }

  /** Writes matches and the position behind them in one transaction. Of each lineage the highest (seq, revision) stays. */
  async save(group: string, created: string, seq: number, matches: readonly Match[]): Promise<void> {
    const rows = matches.map(({ subscription, revision, matched }) => ({
      subscription,
      group_name: group,
      lineage: matchKey(lineageOf(matched.fact.origin, matched.fact.factKey)),
      matched_seq: matched.fact.seq,
      matched_revision: revision,
      matched: JSON.stringify(matched),
    }));
    rows.sort((a, b) => a.matched_seq - b.matched_seq || a.matched_revision - b.matched_revision);
    const newest = lastPerKey(rows, ({ subscription, lineage }) => `${subscription}\0${lineage}`);
    await this.dataSource.transaction(async (tx) => {
      if (newest.length > 0) {
        await tx.query(
          `insert into matches
             (subscription, lineage, group_name, matched_seq, matched_revision, planned_seq, planned_revision, matched)
           select subscription, lineage, group_name, matched_seq, matched_revision, 0, 0, matched
             from jsonb_to_recordset($1::jsonb) as r(subscription text, lineage text, group_name text,
               matched_seq bigint, matched_revision bigint, matched text)
           on conflict (subscription, group_name, lineage) do update
             set matched_seq = excluded.matched_seq, matched_revision = excluded.matched_revision,
                 matched = excluded.matched
             where (matches.matched_seq, matches.matched_revision) < (excluded.matched_seq, excluded.matched_revision)`,
          [jsonRows(newest)],
        );
      }
      await savePosition(tx, 'matches', factsStream(group), { seq, streamCreated: created });
    });
  }

  /** Of these matches, those whose fact is not planned yet. Used after a start only, while facts are read again. */
  async unplanned(group: string, matches: readonly Match[]): Promise<Match[]> {
    if (matches.length === 0) return [];
    const keyed = matches.map((match) => {
      const { origin, factKey } = match.matched.fact;
      return { match, subscription: match.subscription, lineage: matchKey(lineageOf(origin, factKey)) };
    });
    const rows = await this.dataSource.query<{ subscription: string; lineage: string; planned: number }[]>(
      `select m.subscription, m.lineage, m.planned_seq as planned from matches m
         join jsonb_to_recordset($2::jsonb) as r(subscription text, lineage text)
           on m.subscription = r.subscription and m.lineage = r.lineage
        where m.group_name = $1`,
      [group, jsonRows(keyed.map(({ subscription, lineage }) => ({ subscription, lineage })))],
    );
    const planned = new Map(rows.map((row) => [`${row.subscription}\0${row.lineage}`, row.planned]));
    return keyed
      .filter(
        ({ match, subscription, lineage }) =>
          match.matched.fact.seq > (planned.get(`${subscription}\0${lineage}`) ?? 0),
      )
      .map(({ match }) => match);
  }
}

function unfinished(view: RunView): PlannerSnapshot['runs'][number] {
  const { runId, attempt, subscription, plugin, group, revision, source, facts, retry } = view;
  return {
    order: { runId, attempt, subscription, plugin, group, revision, source, facts, retry },
    state: view.state,
    ...(view.retryAt !== undefined && { retryAtMs: timestampMs(view.retryAt) }),
  };
}
