/** State of one part of a process, as `/readyz?verbose` shows it. */
export interface HealthReport {
  readonly name: string;
  readonly ready: boolean;
  readonly reason?: string;
}

/** Who is ready in this process. A part that was registered and never said `ready` keeps the process unready. */
export class Health {
  private readonly checks = new Map<string, () => string | undefined>();

  /** Registers a part by a check that returns why it is not ready, or undefined when it is. */
  register(name: string, notReadyBecause: () => string | undefined): void {
    this.checks.set(name, notReadyBecause);
  }

  report(): HealthReport[] {
    return [...this.checks]
      .map(([name, check]) => ({ name, reason: check() }))
      .map(({ name, reason }) =>
        reason === undefined ? { name, ready: true } : { name, ready: false, reason },
      )
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  get isReady(): boolean {
    return this.checks.size > 0 && [...this.checks.values()].every((check) => check() === undefined);
  }
}
