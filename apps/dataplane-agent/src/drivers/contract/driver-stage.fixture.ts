import { freePort } from '@signalbox/embedded';
import {
  type Capabilities,
  DEFAULT_TIMEOUTS,
  type NodeListener,
  type NodeTarget,
} from '@signalbox/contracts';
import type { AppliedListener, ApplyResult, DataplaneDriver, ListenerCounters } from '../driver.js';
import { type NamedServer, type Place, Traffic } from '../named-servers.fixture.js';

/** For hangs only. Milliseconds. */
export const PATIENT = { deadlineMs: 30_000 } as const;

/** A driver with a data plane of its own, both made for one test. */
export interface DriverSubject {
  readonly driver: DataplaneDriver;
  /** Ends all that was begun for it, what outlives the driver too; `driver.close()` may have come before. */
  end(): Promise<void>;
  /** Another driver of the same data plane, as after a restart of the agent; of drivers that are outlived. */
  again?(): Promise<DataplaneDriver>;
  /** Makes the data plane deaf without ending it; of drivers that can be hung. Undone by `wake`. */
  hang?(): Promise<void>;
  wake?(): Promise<void>;
}

/** What the suite has to know of a driver before it is made. */
export interface DriverTraits {
  /** As it says itself: decides which cases are tested to work and which to be refused. */
  readonly capabilities: Capabilities;
  /** The data plane goes on when the driver is closed; `again` is there. */
  readonly outlivesProcess?: boolean;
  /** `hang` and `wake` are there. */
  readonly canHang?: boolean;
  /**
   * It translates the addresses of packets, and is no end of a connection as a proxy is. So a client gets the answer of the target
   * that was chosen, refusals too; who finds no target is refused, not closed; and bytes are those of packets.
   */
  readonly translatesPackets?: boolean;
}

/** One test: a driver, three named servers on one address, and clients. */
export class DriverStage {
  readonly traffic = new Traffic();
  /** `a`, `b` and `c`. */
  servers: NamedServer[] = [];
  private generation = 0;
  private readonly given = new Set<number>();

  private constructor(
    readonly subject: DriverSubject,
    readonly driver: DataplaneDriver,
  ) {}

  static async open(make: () => Promise<DriverSubject>): Promise<DriverStage> {
    const subject = await make();
    const stage = new DriverStage(subject, subject.driver);
    stage.servers = await stage.traffic.start(['a', 'b', 'c']);
    return stage;
  }

  /** All of what the stage opened is closed afterwards. */
  async close(): Promise<void> {
    await this.subject.end();
    await this.traffic.close();
  }

  /** A listener `web` on a free loopback port, with the three servers as equals. */
  listener(changes: Partial<NodeListener> = {}): NodeListener {
    return {
      name: 'web',
      address: '192.0.2.10',
      protocol: 'tcp',
      port: 80,
      listenAt: { address: '127.0.0.1' },
      algorithm: 'round-robin',
      timeouts: DEFAULT_TIMEOUTS,
      targets: this.targets(),
      ...changes,
    };
  }

  /** The servers as targets, in their order; a weight that is not named is 100. */
  targets(weights: readonly number[] = [], servers: readonly Place[] = this.servers): NodeTarget[] {
    return servers
      .map(({ address, port }, index) => ({ address, port, weight: weights[index] ?? 100, flushes: 0 }))
      .sort((one, other) => one.port - other.port);
  }

  apply(...listeners: readonly NodeListener[]): Promise<ApplyResult> {
    this.generation += 1;
    const sorted = [...listeners].sort((one, other) => (one.name < other.name ? -1 : 1));
    return this.driver.apply({ node: 'n1', generation: this.generation, listeners: sorted }, PATIENT);
  }

  /** Applies these alone; says where the first listens. Rejects when one of them was refused. */
  async serve(first: NodeListener, ...others: readonly NodeListener[]): Promise<Place> {
    const result = await this.apply(first, ...others);
    for (const listener of result.listeners) placeOf(listener);
    return placeOf(listenerOf(result, first.name));
  }

  async countersOf(name: string): Promise<ListenerCounters> {
    const counters = (await this.driver.counters(PATIENT)).find(({ listener }) => listener === name);
    if (!counters) throw new Error(`no counters of listener ${name}`);
    return counters;
  }

  flush(server: Place, listener = 'web'): Promise<number> {
    return this.driver.flush({ listener, target: { address: server.address, port: server.port } }, PATIENT);
  }

  /** A loopback place that is free, and given once. */
  async freePlace(): Promise<Place> {
    let port = await freePort();
    while (this.given.has(port)) port = await freePort();
    this.given.add(port);
    return { address: '127.0.0.1', port };
  }
}

/** The stage of the running test. */
export type Stage = () => DriverStage;

export function listenerOf(result: ApplyResult, name: string): AppliedListener {
  const listener = result.listeners.find((candidate) => candidate.name === name);
  if (!listener) throw new Error(`apply did not say how listener ${name} stands`);
  return listener;
}

/** Where it listens; throws when it was refused. */
export function placeOf(listener: AppliedListener): Place {
  if (listener.state === 'refused') {
    throw new Error(`listener ${listener.name} was refused: ${listener.error.message}`);
  }
  return listener.listensAt;
}
