import { Injectable } from '@nestjs/common';
import {
  type BackendRecord,
  type BackendState,
  formatTime,
  type HealthResult,
  type OperatorNote,
} from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import { BackendRecords } from './backend-records.js';
import { type BackendWorker, savedCounter } from './backend-worker.js';
import { CounterCache } from './counter-cache.js';
import { ProbeMetrics } from './probe-metrics.js';

/**
 * Writes down what became of a backend: a record when its state changes, under versions that count on whatever happens to the
 * name, and what its counter says in between.
 */
@Injectable()
export class BackendLedger {
  /** Version of the newest record of every name, also of those that left. */
  private readonly versions = new Map<string, number>();

  constructor(
    private readonly records: BackendRecords,
    private readonly cache: CounterCache,
    private readonly metrics: ProbeMetrics,
    private readonly clock: Clock,
  ) {}

  /** Where the records of a name stand before this process. */
  resume(name: string, version: number, seq: number): void {
    this.versions.set(name, version);
    this.records.resume(name, seq);
  }

  versionOf(name: string): number {
    return this.versions.get(name) ?? 0;
  }

  /** Sequence of the newest record that this process appended. */
  get lastSeq(): number {
    return this.records.lastSeq;
  }

  /** From now on counters are saved, while `isProbing`. */
  saveCounters(isProbing: () => boolean): void {
    this.cache.start(isProbing);
  }

  /** The counter of a backend changed, and its state did not. */
  noteCounter(worker: BackendWorker): void {
    this.cache.note(worker.name, savedCounter(worker));
  }

  /** Records the worker as it is now; resolves with the sequence when that is stored. */
  record(
    worker: BackendWorker,
    from: BackendState | undefined,
    result: HealthResult,
    by?: OperatorNote,
  ): Promise<number> {
    const { name, machine, endpoint, check } = worker;
    const at = formatTime(this.clock.now());
    worker.version += 1;
    worker.result = result;
    if (from !== machine.state) {
      worker.since = at;
      if (from !== undefined) this.metrics.moved(name, from, machine.state);
    }
    this.versions.set(name, worker.version);
    if (machine.state === 'removed') this.cache.forget(name);
    else this.noteCounter(worker);
    const record: BackendRecord = {
      backend: name,
      version: worker.version,
      at,
      to: machine.state,
      since: worker.since,
      result,
      ...endpoint,
      ...(from !== undefined && { from }),
      ...(check && { healthcheck: check.name }),
      ...(by && { by }),
    };
    return this.records.append(record);
  }

  /** Waits no longer for records that are not stored yet. */
  giveUp(): void {
    this.records.stop();
  }

  /** Saves what is left of the counters. */
  async close(): Promise<void> {
    await this.cache.stop();
  }
}
