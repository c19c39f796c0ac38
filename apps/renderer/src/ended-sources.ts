import type { PartRef } from '@signalbox/contracts';
import type { GoneRow, GoneRowsListener } from '@signalbox/store';
import type { Rendering } from './rendering.js';

/**
 * Has the model forget sources that have ended when the last of their rows is gone. Not before: a first part beside rows of
 * older ones would be taken for one of them.
 */
export class EndedSources implements GoneRowsListener {
  private readonly ended = new Map<string, PartRef>();

  constructor(private readonly rendering: Rendering) {}

  went(_table: string, rows: readonly GoneRow[]): void {
    for (const row of rows) {
      const ref = { source: String(row['source']), generation: Number(row['generation']) };
      if (this.rendering.hasEnded(ref)) this.ended.set(ref.source, ref);
    }
  }

  done(): void {
    this.rendering.forget([...this.ended.values()]);
    this.ended.clear();
  }
}
