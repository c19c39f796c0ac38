import type { GoneRow, GoneRowsListener } from '@signalbox/store';

/** Whom rows concern that went with their records (ADR 0020): who remembers something of them lets go of it too. */
export class GoneRows implements GoneRowsListener {
  private readonly listeners = new Map<string, GoneRowsListener>();

  /** One listener for each table. */
  listen(table: string, listener: GoneRowsListener): void {
    this.listeners.set(table, listener);
  }

  went(table: string, rows: readonly GoneRow[]): void {
    this.listeners.get(table)?.went(table, rows);
  }

  done(table: string): void {
    this.listeners.get(table)?.done(table);
  }
}
