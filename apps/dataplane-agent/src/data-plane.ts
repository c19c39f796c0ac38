import { type EarlyPart, type EarlyWork, type Log, type SiteConfig, SystemClock } from '@signalbox/runtime';
import type { Announcers } from './announcers/announcer-of.js';
import { Announcing } from './announcing.js';
import { Applier } from './applier.js';
import type { NodeReport } from './domain/node-report.js';
import { type DriverFactory, DriverSlot } from './drivers/driver-slot.js';
import type { PortMemory } from './drivers/port-memory.js';
import { KeptFile } from './kept-file.js';
import { KeptPorts } from './kept-ports.js';
import { Leaders } from './leases/leaders.js';
import type { LinkAddresses } from './local-vips/link-addresses.js';
import { LocalVips } from './local-vips/local-vips.js';

/** Makes the drivers of a node. `ports`: where a driver keeps those that it chose. */
export type Drivers = (config: SiteConfig, ports: PortMemory, log: Log) => DriverFactory;

/** What an agent works on outside of itself. */
export interface Surroundings {
  readonly drivers: Drivers;
  readonly announcers: Announcers;
  readonly addresses: (config: SiteConfig) => LinkAddresses;
}

/**
 * The half of an agent that needs nobody: a data plane, its driver, what is announced, and the last complete state, which it applies
 * when it starts. What the site wants comes from the other half, when NATS is there.
 */
export class DataPlane implements EarlyWork {
  readonly applier: Applier;

  private constructor(
    readonly node: string,
    readonly kept: KeptFile,
    readonly announcing: Announcing,
    /** Who leads VIPs that one node has at a time: known once NATS is there. */
    readonly leaders: Leaders,
    private readonly slot: DriverSlot,
    log: Log,
  ) {
    this.applier = new Applier({ slot, kept, announcing, clock: new SystemClock(), log });
  }

  static async start(config: SiteConfig, log: Log, surroundings: Surroundings): Promise<DataPlane> {
    const { node } = config.lb;
    const own = log.child({ service: 'dataplane-agent', node });
    const kept = await KeptFile.open(config.stateDir, node, own);
    const leaders = new Leaders();
    const announcing = new Announcing({
      make: surroundings.announcers(config, own, leaders),
      addresses: new LocalVips(surroundings.addresses(config), kept, own),
      ...{ kept, clock: new SystemClock(), log: own },
    });
    const slot = new DriverSlot(surroundings.drivers(config, new KeptPorts(kept), own));
    const plane = new DataPlane(node, kept, announcing, leaders, slot, own);
    plane.applier.resume();
    return plane;
  }

  /** The driver that works now; undefined before the first state. */
  get driver(): DriverSlot['current'] {
    return this.slot.current;
  }

  /** How the node is, with what it announces; undefined: no state was tried yet, by this process or one before it. */
  get report(): NodeReport | undefined {
    const { report } = this.applier;
    if (!report) return undefined;
    const { vips: _vips, peers: _peers, drained: _drained, ...plane } = report;
    return { ...plane, ...this.announcing.report };
  }

  /** Calls `listener` whenever it may be another, from the first try of this process on. */
  onReport(listener: (report: NodeReport) => void): void {
    const tell = (): void => {
      const { report } = this;
      if (report && this.applier.hasTried) listener(report);
    };
    this.applier.onReport(tell);
    this.announcing.onReport(tell);
    tell();
  }

  async stop(): Promise<void> {
    await this.applier.stop();
    if (this.driver?.endsWithAgent) await this.announcing.retire();
    await this.announcing.stop();
    await this.slot.close();
    await this.kept.settle();
  }
}

/** A data plane that begins before NATS is there. */
export function earlyDataPlane(surroundings: Surroundings): EarlyPart {
  return { type: DataPlane, start: (config, log) => DataPlane.start(config, log, surroundings) };
}
