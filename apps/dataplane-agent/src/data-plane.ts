import { type EarlyPart, type EarlyWork, type Log, type SiteConfig, SystemClock } from '@signalbox/runtime';
import { Applier } from './applier.js';
import { type DriverFactory, DriverSlot } from './drivers/driver-slot.js';
import type { PortMemory } from './drivers/port-memory.js';
import { KeptFile } from './kept-file.js';
import { KeptPorts } from './kept-ports.js';

/** Makes the drivers of a node. `ports`: where a driver keeps those that it chose. */
export type Drivers = (config: SiteConfig, ports: PortMemory) => DriverFactory;

/**
 * The half of an agent that needs nobody: a data plane, its driver, and the last complete state, which it applies when it
 * starts. What the site wants comes from the other half, when NATS is there.
 */
export class DataPlane implements EarlyWork {
  readonly applier: Applier;

  private constructor(
    readonly node: string,
    readonly kept: KeptFile,
    private readonly slot: DriverSlot,
    log: Log,
  ) {
    this.applier = new Applier({ slot, kept, clock: new SystemClock(), log });
  }

  static async start(config: SiteConfig, log: Log, drivers: Drivers): Promise<DataPlane> {
    const { node } = config.lb;
    const own = log.child({ service: 'dataplane-agent', node });
    const kept = await KeptFile.open(config.stateDir, node, own);
    const plane = new DataPlane(node, kept, new DriverSlot(drivers(config, new KeptPorts(kept))), own);
    plane.applier.resume();
    return plane;
  }

  /** The driver that works now; undefined before the first state. */
  get driver(): DriverSlot['current'] {
    return this.slot.current;
  }

  async stop(): Promise<void> {
    await this.applier.stop();
    await this.slot.close();
    await this.kept.settle();
  }
}

/** A data plane that begins before NATS is there. */
export function earlyDataPlane(drivers: Drivers): EarlyPart {
  return { type: DataPlane, start: (config, log) => DataPlane.start(config, log, drivers) };
}
