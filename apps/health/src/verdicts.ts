import { Injectable } from '@nestjs/common';
import { formatTime } from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import { BackendLedger } from './backend-ledger.js';
import type { BackendWorker } from './backend-worker.js';
import type { Check } from './domain/check.js';
import { FailureGuard } from './domain/failure-guard.js';
import { recordResult } from './domain/machine.js';
import { DETAIL_LENGTH } from './limits.js';
import { ProbeMetrics } from './probe-metrics.js';
import type { ProbeResult } from './probes/probe.js';
import { Shortages } from './shortages.js';
import { monotonicMs } from './timetable.js';

/** Folds results into the machines of backends, under the global-failure guard. */
@Injectable()
export class Verdicts {
  private readonly guard = new FailureGuard(100);

  constructor(
    private readonly ledger: BackendLedger,
    private readonly metrics: ProbeMetrics,
    private readonly shortages: Shortages,
    private readonly clock: Clock,
  ) {}

  /** When the guard's alarm was raised, epoch milliseconds; undefined while there is none. */
  get guardRaisedAtMs(): number | undefined {
    const raisedAt = this.guard.raisedAt(monotonicMs());
    return raisedAt === undefined ? undefined : this.clock.now() - (monotonicMs() - raisedAt);
  }

  setGuardPercent(percent: number): void {
    this.guard.setPercent(percent);
  }

  /** Until when the guard holds a backend, epoch milliseconds. */
  heldUntilMs(name: string): number | undefined {
    const until = this.guard.heldUntil(name);
    return until === undefined ? undefined : this.clock.now() + (until - monotonicMs());
  }

  /** Results of this backend are to come. */
  expect(worker: BackendWorker): void {
    this.note(worker, false);
  }

  /** No results of this backend are to come: what the last one warned of is not known any more. */
  forget(worker: BackendWorker): void {
    delete worker.degraded;
    this.shortages.forget(worker.name);
    this.guard.forget(worker.name, monotonicMs());
  }

  /** One result. One that is no verdict changes nothing that is known: state, counter, history and what it warned of. */
  take(worker: BackendWorker, check: Check, probed: ProbeResult): void {
    const { name, machine } = worker;
    if (this.shortages.note(name, probed)) return;
    const { ok, layer, code, durationMs } = probed;
    const detail = probed.detail.slice(0, DETAIL_LENGTH);
    this.metrics.probed(name, check.type, probed);
    worker.last = { ok, layer, code, detail, durationMs, at: formatTime(this.clock.now()) };
    if (probed.degraded === undefined) delete worker.degraded;
    else worker.degraded = probed.degraded;

    const nowMs = monotonicMs();
    this.note(worker, !ok);
    const after = recordResult(machine, ok, check.counter, () =>
      this.guard.mayGoDown(name, check.intervalMs, nowMs),
    );
    worker.machine = after.machine;
    if (after.machine.state !== machine.state) {
      void this.ledger.record(worker, machine.state, { ok, layer, code, detail });
      this.note(worker, !ok);
    } else if (after.machine.counter !== machine.counter || after.machine.verified !== machine.verified) {
      this.ledger.noteCounter(worker);
    }
  }

  private note({ name, machine, check }: BackendWorker, failed: boolean): void {
    const intervalMs = check?.intervalMs ?? 0;
    this.guard.note(name, { isUp: machine.state === 'up', failed, intervalMs }, monotonicMs());
  }
}
