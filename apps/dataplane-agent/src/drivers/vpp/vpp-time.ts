import type { Deadline } from '../driver.js';

/** The time of one call of the driver, which several messages share. */
export class VppTime {
  private readonly endMs: number;

  constructor({ deadlineMs }: Deadline) {
    this.endMs = performance.now() + deadlineMs;
  }

  /** What is left of it for the next message; once nothing is, that fails at once. */
  get left(): Deadline {
    return { deadlineMs: Math.max(1, Math.ceil(this.endMs - performance.now())) };
  }
}
