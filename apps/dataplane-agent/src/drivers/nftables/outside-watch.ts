/** Between two looks at neighbours and devices: less than the kernel takes to give up one that is gone. Milliseconds. */
const EVERY_MS = 2_000;

/** Looks every two seconds whether it is time for an apply, and says so, from its start to its stop. */
export class OutsideWatch {
  private timer: NodeJS.Timeout | undefined;
  private isLooking = false;
  private tell: () => void = () => undefined;

  /** `isChanged`: the look. One that fails tells nothing: the next comparison of the agent tells what is wrong. */
  constructor(private readonly isChanged: () => Promise<boolean>) {}

  /** Who is told from now on. */
  onChange(tell: () => void): void {
    this.tell = tell;
  }

  start(): void {
    this.timer ??= setInterval(() => void this.look(), EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private async look(): Promise<void> {
    if (this.isLooking) return;
    this.isLooking = true;
    const isChanged = await this.isChanged().catch(() => false);
    this.isLooking = false;
    if (isChanged && this.timer) this.tell();
  }
}
