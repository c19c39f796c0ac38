import { setTimeout as pause } from 'node:timers/promises';
import type { Site } from '@signalbox/testing';

const EVERY_MS = 50;
const ANSWER_MS = 10_000;
/** What a site says that is on its way up or down. */
const NOT_NOW = [502, 503, 504];

/** What a client saw that read the same again and again, and asked again when nobody answered. */
export interface Readings {
  readonly answers: number;
  /** Statuses other than 200 and "not now". */
  readonly wrong: readonly number[];
  /** Generations that were less than one before. */
  readonly backwards: readonly string[];
  /** Longest time between two answers. Milliseconds. */
  readonly longestGapMs: number;
}

interface Effective {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
}

/** Reads the effective config over REST all the time, whatever becomes of the site. */
export class ReadProber {
  private answers = 0;
  private generation = 0;
  private last = performance.now();
  private longestGapMs = 0;
  private readonly wrong: number[] = [];
  private readonly backwards: string[] = [];
  private isStopped = false;
  private readonly reading: Promise<void>;

  constructor(private readonly site: Site) {
    this.reading = this.readOn();
  }

  get count(): number {
    return this.answers;
  }

  async stop(): Promise<Readings> {
    this.isStopped = true;
    await this.reading;
    const { answers, wrong, backwards, longestGapMs } = this;
    return { answers, wrong, backwards, longestGapMs: Math.round(longestGapMs) };
  }

  private async readOn(): Promise<void> {
    while (!this.isStopped) {
      await this.read().catch(() => undefined); // nobody answered
      await pause(EVERY_MS);
    }
  }

  private async read(): Promise<void> {
    const { url, token } = this.site;
    const response = await fetch(`${url}/v1/effective-config`, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const body = (await response.json()) as Effective;
    if (NOT_NOW.includes(response.status)) return;
    if (response.status !== 200) {
      this.wrong.push(response.status);
      return;
    }
    this.answers += 1;
    const now = performance.now();
    this.longestGapMs = Math.max(this.longestGapMs, now - this.last);
    this.last = now;
    const generation = Number(body.metadata.annotations?.['signalbox.dev/generation']);
    if (!(generation >= this.generation)) this.backwards.push(`${this.generation} -> ${generation}`);
    this.generation = generation;
  }
}
