/** Waits that one call can end together. */
export class Pauses {
  private readonly waiting = new Set<() => void>();

  /** How many wait now. */
  get count(): number {
    return this.waiting.size;
  }

  /** Resolves after `ms` (Infinity = never by itself) or at the next {@link wake}. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.waiting.delete(end);
        resolve();
      };
      const timer = Number.isFinite(ms) ? setTimeout(end, ms) : undefined;
      this.waiting.add(end);
    });
  }

  /** Ends all waits, in the order in which they began. */
  wake(): void {
    for (const end of [...this.waiting]) end();
  }
}
