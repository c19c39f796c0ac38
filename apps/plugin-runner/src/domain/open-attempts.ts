import type { RunRecord } from '@signalbox/contracts';

export type PlannedRun = Extract<RunRecord, { type: 'planned' }>;

/** An attempt that was planned and has not ended. */
export interface OpenAttempt {
  readonly plan: PlannedRun;
  /** Its start was recorded: a plugin may have seen it. */
  readonly isStarted: boolean;
}

/** The attempts that a site has open: fold of the plans and executions, in the order of the plans. */
export class OpenAttempts {
  private readonly open = new Map<string, OpenAttempt>();

  /** Folds a record; what is said twice changes nothing. */
  fold(record: RunRecord): void {
    if (record.type === 'planned') {
      const key = attemptKey(record);
      if (!this.open.has(key)) this.open.set(key, { plan: record, isStarted: false });
    } else if (record.type === 'started') {
      const attempt = this.open.get(attemptKey(record));
      if (attempt) this.open.set(attemptKey(record), { ...attempt, isStarted: true });
    } else if (record.type === 'ended') this.open.delete(attemptKey(record.order));
  }

  /** An attempt that the tables say is open. */
  add(attempt: OpenAttempt): void {
    this.open.set(attemptKey(attempt.plan), attempt);
  }

  all(): readonly OpenAttempt[] {
    return [...this.open.values()];
  }
}

function attemptKey({ runId, attempt }: { readonly runId: string; readonly attempt: number }): string {
  return `${runId}.${attempt}`;
}
