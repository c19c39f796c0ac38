/** Pauses that can be cut short: all of an owner's at once. */
export class Pauses {
  private readonly wakes = new Set<() => void>();
  private isOver = false;

  /** Resolves after `ms` milliseconds, when it is cut short, or at once when all is over. */
  for(ms: number): Promise<void> {
    if (this.isOver) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.wakes.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.wakes.add(wake);
    });
  }

  /** Ends the pauses that are being made now. */
  cut(): void {
    for (const wake of this.wakes) wake();
  }

  /** Ends the pauses that are being made, and those that would be made later. */
  end(): void {
    this.isOver = true;
    this.cut();
  }
}
