import { BOUNDS } from '@signalbox/contracts';

/** How often what repeats is told. Milliseconds. */
const EVERY_MS = 60_000;
const OTHERS = 'others';

/** Where lines go. */
export interface CountedLog {
  warn(fields: object, message: string): void;
}

/** Time, so that a test needs none of its own. */
export interface CountedTime {
  /** Calls back once after `ms`; returns what ends the wait. */
  readonly after: (ms: number, callback: () => void) => () => void;
}

const REAL_TIME: CountedTime = {
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

interface Count {
  readonly fields: object;
  readonly message: string;
  more: number;
}

/**
 * Tells what may come thousands of times: the first of a kind at once, and from then on one line a minute with how many
 * more there were, until a minute passes without any. Further kinds than are counted at the same time share a line.
 */
export class FirstThenCount {
  private readonly counts = new Map<string, Count>();
  private readonly waits = new Set<() => void>();

  constructor(
    private readonly log: CountedLog,
    private readonly time: CountedTime = REAL_TIME,
  ) {}

  /** `kind` tells what is counted together; `fields` are those of the kind, `details` are told of the first one only. */
  tell(kind: string, fields: object, details: object, message: string): void {
    const key = this.counts.has(kind) || this.counts.size < BOUNDS.toldKinds ? kind : OTHERS;
    const known = this.counts.get(key);
    if (known) {
      known.more += 1;
      return;
    }
    this.log.warn({ ...fields, ...details }, message);
    this.counts.set(key, { fields: key === kind ? fields : {}, message, more: 0 });
    this.wait(key);
  }

  /** Tells what was counted and not told yet. */
  close(): void {
    for (const end of this.waits) end();
    this.waits.clear();
    for (const count of this.counts.values()) this.sum(count);
    this.counts.clear();
  }

  private wait(key: string): void {
    const end = this.time.after(EVERY_MS, () => {
      this.waits.delete(end);
      const count = this.counts.get(key);
      if (!count) return;
      if (count.more === 0) {
        this.counts.delete(key);
        return;
      }
      this.sum(count);
      this.wait(key);
    });
    this.waits.add(end);
  }

  private sum(count: Count): void {
    const { fields, message, more } = count;
    if (more > 0) this.log.warn({ ...fields, more }, `${message}: more of the same in the last minute`);
    count.more = 0;
  }
}
