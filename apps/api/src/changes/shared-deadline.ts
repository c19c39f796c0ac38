import type { Watermark } from '@signalbox/contracts';
import type { Watermarks } from '@signalbox/runtime';
import type { Projection } from '@signalbox/store';

/** How far the table of a projection is, as the database tells. */
export type StoredPosition = (projection: Projection) => Promise<number>;

/** Waits for services and tables to get somewhere, all until the same moment; remembers who did not. */
export class SharedDeadline {
  private readonly endsAt: number;
  private readonly missing = new Set<string>();

  constructor(
    private readonly watermarks: Watermarks,
    private readonly storedPosition: StoredPosition,
    timeoutMs: number,
  ) {
    this.endsAt = performance.now() + timeoutMs;
  }

  /** Who was too late, sorted. */
  get late(): string[] {
    return [...this.missing].sort();
  }

  /** The mark of a service that has handled a message; undefined when it was too late. */
  async service(name: string, stream: string, seq: number): Promise<Watermark | undefined> {
    const mark = await this.watermarks.waitFor(name, stream, seq, this.leftMs);
    if (!mark) this.missing.add(name);
    return mark;
  }

  /** Resolves when a table holds a message. What was folded before this process heard of it has no mark. */
  async table(projection: Projection, seq: number): Promise<void> {
    const { name, stream } = projection;
    const told = this.watermarks.waitFor(name, stream, seq, this.leftMs).then((mark) => mark !== undefined);
    const wasHeard = (await this.watermarks.waitFor(name, stream, 0, 0)) !== undefined;
    const stored = wasHeard
      ? told
      : this.storedPosition(projection).then(
          (position) => position >= seq || told,
          () => told,
        );
    if (!(await Promise.race([told, stored]))) this.missing.add(name);
  }

  private get leftMs(): number {
    return Math.max(0, this.endsAt - performance.now());
  }
}
