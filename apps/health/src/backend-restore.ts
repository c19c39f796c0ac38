import { Injectable } from '@nestjs/common';
import type { BackendState, HealthResult } from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import type { BackendRow } from '@signalbox/store';
import { DataSource } from 'typeorm';
import { Checker, type RestoredBackend } from './checker.js';
import { CounterCache } from './counter-cache.js';
import { IntentBook } from './intent-book.js';

/** Hands the checker what tables say about the time before this process. The projections have to be caught up. */
@Injectable()
export class BackendRestore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly intents: IntentBook,
    private readonly cache: CounterCache,
    private readonly checker: Checker,
    private readonly clock: Clock,
  ) {}

  async run(): Promise<void> {
    await this.intents.load();
    const { counters, probedUntilMs } = await this.cache.load();
    const rows = await this.dataSource.query<Omit<BackendRow, 'at' | 'notedBy'>[]>(
      'select name, version, seq, state, since, address, port, healthcheck, result from backends',
    );
    const backends = rows.map(
      ({ name, version, seq, state, since, address, port, healthcheck, result }): RestoredBackend => {
        const saved = counters.get(name);
        return {
          name,
          version,
          seq,
          since,
          endpoint: { address, ...(port !== null && { port }) },
          state: state as BackendState,
          result: JSON.parse(result) as HealthResult,
          ...(healthcheck !== null && { healthcheck }),
          ...(saved?.version === version && { counter: saved.counter, verified: saved.verified }),
        };
      },
    );
    const awayMs = probedUntilMs === undefined ? -1 : this.clock.now() - probedUntilMs;
    // a clock that stands before the time when we last probed tells nothing
    this.checker.restore(backends, awayMs < 0 ? Number.POSITIVE_INFINITY : awayMs);
  }
}
