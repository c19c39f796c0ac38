import { Injectable } from '@nestjs/common';
import type { RunState } from '@signalbox/contracts';
import { DataSource } from 'typeorm';
import type { LastRunDto, RunCountsDto } from './standings.dto.js';

/** The runs of one subscription or plugin, in short. */
export interface RunStanding {
  readonly runs: RunCountsDto;
  readonly lastRun?: LastRunDto;
}

const NONE: RunCountsDto = { queued: 0, running: 0, retrying: 0, proposed: 0, failed: 0 };

/** Counts runs, of all names that are asked for at once. */
@Injectable()
export class RunCounts {
  constructor(private readonly dataSource: DataSource) {}

  /** By name; a name without runs stands there as well. */
  async of(by: 'subscription' | 'plugin', names: readonly string[]): Promise<(name: string) => RunStanding> {
    // what is over and went well has no end but that of what is kept: it is not counted
    const counts = await this.dataSource.query<{ name: string; state: keyof RunCountsDto; runs: number }[]>(
      `select ${by} as name, state, count(*)::integer as runs from runs
        where ${by} = any($1::text[]) and state not in ('succeeded', 'skipped', 'withdrawn')
        group by ${by}, state`,
      [names],
    );
    const last = await this.dataSource.query<{ name: string; id: string; state: RunState; at: string }[]>(
      `select n.name, r.run_id as id, r.state, r.planned_at as at
         from unnest($1::text[]) as n(name)
        cross join lateral (select run_id, state, planned_at from runs
                             where ${by} = n.name order by planned_at desc, run_id desc limit 1) r`,
      [names],
    );
    return (name) => {
      const runs = { ...NONE };
      for (const one of counts) if (one.name === name && one.state in runs) runs[one.state] = one.runs;
      const newest = last.find((one) => one.name === name);
      return {
        runs,
        ...(newest && { lastRun: { runId: newest.id, state: newest.state, plannedAt: newest.at } }),
      };
    };
  }
}
