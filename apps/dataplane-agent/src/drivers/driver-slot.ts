import type { NodeDriver } from '@signalbox/contracts';
import { Serial } from '@signalbox/runtime';
import type { DataplaneDriver } from './driver.js';

/** Makes the driver of a data plane. Throws `data-plane-refused` for one that there is none for. */
export type DriverFactory = (driver: NodeDriver) => DataplaneDriver | Promise<DataplaneDriver>;

/** After it a data plane that shall let go is given up. Milliseconds. */
const RETIRE_DEADLINE = { deadlineMs: 10_000 } as const;

/** The one driver of a node: another one takes its place when it is closed. */
export class DriverSlot {
  private readonly changes = new Serial();
  private held: { readonly name: NodeDriver; readonly driver: DataplaneDriver } | undefined;

  constructor(private readonly make: DriverFactory) {}

  /** The driver that works now. */
  get current(): DataplaneDriver | undefined {
    return this.held?.driver;
  }

  /**
   * The driver of that name; what was there before lets go and is closed first, because both may want the same ports. Rejects with
   * `data-plane-unavailable` when it does not let go; then it is still there.
   */
  take(name: NodeDriver): Promise<DataplaneDriver> {
    return this.changes.run(async () => {
      if (this.held?.name === name) return this.held.driver;
      await this.held?.driver.retire?.(RETIRE_DEADLINE);
      await this.closeHeld();
      const driver = await this.make(name);
      this.held = { name, driver };
      return driver;
    });
  }

  close(): Promise<void> {
    return this.changes.run(() => this.closeHeld());
  }

  private async closeHeld(): Promise<void> {
    const { held } = this;
    this.held = undefined;
    await held?.driver.close();
  }
}
