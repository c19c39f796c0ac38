import type { NodeListenerReport } from '@signalbox/contracts';

/** Since when listeners are refused, whatever else changed of them. */
export class Refusals {
  /** By name; milliseconds since 1970. */
  readonly sinceMs = new Map<string, number>();

  /** Listeners stand like this now. */
  note(reports: readonly NodeListenerReport[], nowMs: number): void {
    const refused = new Set(reports.filter(({ error }) => error).map(({ name }) => name));
    for (const name of this.sinceMs.keys()) if (!refused.has(name)) this.sinceMs.delete(name);
    for (const name of refused) if (!this.sinceMs.has(name)) this.sinceMs.set(name, nowMs);
  }
}
