import type { Sample } from './fill-forecast.js';

/** The newest samples of everything that is measured, at most `most` of each; what is measured no more is forgotten. */
export class SampleBook {
  private samples = new Map<string, readonly Sample[]>();

  constructor(private readonly most: number) {}

  /** How many samples there are of the thing with the most. */
  get largest(): number {
    return Math.max(0, ...[...this.samples.values()].map(({ length }) => length));
  }

  /** Takes what was measured at a time, by key. Undefined: it could not be measured, and its samples stay. */
  add(atMs: number, measured: ReadonlyMap<string, number | undefined>): void {
    this.samples = new Map(
      [...measured].map(([key, used]) => {
        const before = this.of(key);
        return [key, used === undefined ? before : [...before, { atMs, used }].slice(-this.most)] as const;
      }),
    );
  }

  /** Oldest first. */
  of(key: string): readonly Sample[] {
    return this.samples.get(key) ?? [];
  }
}
