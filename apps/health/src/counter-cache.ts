import { Inject, Injectable } from '@nestjs/common';
import { Outages } from '@signalbox/bus';
import { formatTime, timestampMs } from '@signalbox/contracts';
import { Clock, LOG, type Log, PeriodicTask } from '@signalbox/runtime';
import { jsonRows } from '@signalbox/store';
import { DataSource } from 'typeorm';
import { CACHE_EVERY_MS } from './limits.js';

/** A counter as it was saved; it counts only for the record version it was saved under. */
export interface SavedCounter {
  readonly version: number;
  readonly counter: number;
  /** Whether a result has confirmed the state since the last restart or edit of the check. */
  readonly verified: boolean;
}

interface Saved {
  readonly counters: ReadonlyMap<string, SavedCounter>;
  /** When probes were last known to run, epoch milliseconds; absent when never. */
  readonly probedUntilMs?: number;
}

const SERVICE = 'health';

/**
 * Cache of the counters: what changed is written once a second, in one statement, together with the time until which
 * probes ran. Losing it costs a probe, never a state: whatever the database says of it is logged and survived.
 */
@Injectable()
export class CounterCache {
  private readonly changed = new Map<string, SavedCounter>();
  private turns: PeriodicTask | undefined;
  private readonly removed = new Set<string>();
  private failing = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    @Inject(LOG) private readonly log: Log,
    private readonly outages: Outages,
  ) {}

  /** Reads what was saved, and drops what belongs to backends that are gone. Throws when it cannot be read. */
  async load(): Promise<Saved> {
    await this.dropRemoved();
    const rows = await this.dataSource.query<(SavedCounter & { name: string })[]>(
      'select name, version, counter, verified from backend_counters',
    );
    const [until] = await this.dataSource.query<{ at: string }[]>(
      'select at from probed_until where service = $1',
      [SERVICE],
    );
    return {
      counters: new Map(rows.map(({ name, ...saved }) => [name, saved])),
      ...(until && { probedUntilMs: timestampMs(until.at) }),
    };
  }

  /** Starts writing. `isProbing` says whether any probes run. */
  start(isProbing: () => boolean): void {
    this.turns = new PeriodicTask(CACHE_EVERY_MS, async () => {
      if (isProbing()) await this.write();
    });
    this.turns.start();
  }

  note(name: string, saved: SavedCounter): void {
    this.changed.set(name, saved);
    this.removed.delete(name);
  }

  /** The backend was removed. */
  forget(name: string): void {
    this.changed.delete(name);
    this.removed.add(name);
  }

  /** Writes what is left. */
  async stop(): Promise<void> {
    if (!this.turns) return;
    await this.turns.stop();
    await this.write();
  }

  /** What stays does no harm: a counter counts only for the record version it was saved under. */
  private async dropRemoved(): Promise<void> {
    try {
      await this.dataSource.query(
        `delete from backend_counters where name not in (select name from backends where state <> 'removed')`,
      );
    } catch (err) {
      if (!this.outages.explain(err))
        this.log.warn({ err }, 'the counters of removed backends could not be deleted');
    }
  }

  /** Never throws: what could not be written stays for the next time, one counter a backend. */
  private async write(): Promise<void> {
    const rows = [...this.changed].map(([name, saved]) => ({ name, ...saved }));
    const gone = [...this.removed];
    this.changed.clear();
    this.removed.clear();
    try {
      await this.dataSource.query(
        `with saved as (
           insert into backend_counters
           select r.* from jsonb_to_recordset($1::jsonb) as r(name text, version bigint, counter integer, verified boolean)
           on conflict (name) do update set version = excluded.version, counter = excluded.counter,
             verified = excluded.verified),
         gone as (delete from backend_counters where name = any($4::text[]))
         insert into probed_until values ($2, $3) on conflict (service) do update set at = excluded.at`,
        [jsonRows(rows), SERVICE, formatTime(this.clock.now()), gone],
      );
      if (this.failing) this.log.info({}, 'counters are saved again');
      this.failing = false;
    } catch (err) {
      if (!this.failing && !this.outages.explain(err)) {
        this.failing = true;
        this.log.warn({ err }, 'counters cannot be saved, trying again');
      }
      for (const { name, ...saved } of rows)
        if (!this.changed.has(name) && !this.removed.has(name)) this.changed.set(name, saved);
      for (const name of gone) if (!this.changed.has(name)) this.removed.add(name);
    }
  }
}
