/**
 * Work that is done now and then: a turn begins a while after the one before has ended, so that no two overlap. What a turn throws
 * is a defect and is reported as one (it is not caught here); the next turn comes all the same.
 */
export class PeriodicTask {
  private timer: NodeJS.Timeout | undefined;
  private turn: Promise<void> | undefined;
  private stopped = false;

  /** `everyMs`: from the start to the first turn, and from the end of a turn to the next. Milliseconds. */
  constructor(
    private readonly everyMs: number,
    private readonly work: () => Promise<void>,
  ) {}

  /** The process does not live on for the sake of the next turn. */
  start(): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => (this.turn = this.takeTurn()), this.everyMs).unref();
  }

  /** Whether there is no further turn: one that is in work may end early. */
  get isStopped(): boolean {
    return this.stopped;
  }

  /** Resolves when the turn that is in work has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.turn?.catch(() => undefined);
  }

  private async takeTurn(): Promise<void> {
    try {
      await this.work();
    } finally {
      this.start();
    }
  }
}
