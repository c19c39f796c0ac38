import {
  type Capabilities,
  CodedError,
  type ErrorBody,
  type ListenerCounters,
  type NodeState,
} from '@signalbox/contracts';
import type { PortMemory } from './port-memory.js';
import type { ApplyResult, DataplaneDriver, FlushRequest, ObservedListener } from './driver.js';

export const ALL_CAPABILITIES: Capabilities = {
  protocols: ['tcp', 'udp', 'http'],
  algorithms: ['round-robin', 'least-connections', 'source-hash', 'maglev', 'random'],
  affinity: ['source-ip'],
  flush: true,
  targetPorts: true,
  mixedFamilies: true,
  connectionLimit: true,
  maxTargets: 1000,
};

/** What is left when a driver is closed, as with a data plane that outlives its agent. */
export class MemoryPlane {
  readonly standing = new Map<string, ObservedListener>();
  /** Generations that were applied, one for each call. */
  readonly applied: number[] = [];
  readonly cut: string[] = [];
  writes = 0;
  /** Calls that came in and are not answered yet; more than one is a mistake. */
  inWork = 0;
  mostInWork = 0;
  isAway = false;
  /** Why a listener is refused, by name. */
  readonly refusals = new Map<string, ErrorBody>();
  /** Ports that somebody else has. */
  readonly busyPorts = new Set<number>();
  nextPort = 40_000;
  /** A file that the state names is another than when it was applied. */
  hasNewFiles = false;
  /** Calls whoever wants to hear of files. */
  fileChanged: () => void = () => undefined;
  closed = 0;
}

/** A driver whose data plane is a table in memory: for tests of what is asked of drivers. */
export class MemoryDriver implements DataplaneDriver {
  readonly capabilities = ALL_CAPABILITIES;

  constructor(
    private readonly plane: MemoryPlane,
    private readonly ports: PortMemory,
  ) {}

  apply(desired: NodeState): Promise<ApplyResult> {
    return this.call(() => {
      const { plane } = this;
      plane.applied.push(desired.generation);
      plane.hasNewFiles = false;
      let writes = 0;
      const listeners = desired.listeners.map((listener): ApplyResult['listeners'][number] => {
        const { name, address, protocol, port, algorithm, targets, listenAt } = listener;
        const before = plane.standing.get(name);
        const listensAt = listenAt
          ? {
              address: listenAt.address,
              port: listenAt.port ?? before?.listensAt.port ?? this.freePort(name),
            }
          : { address, port };
        const refusal = plane.refusals.get(name);
        if (refusal) return { name, state: 'refused', error: refusal };
        const shown = targets.map((target) => ({
          address: target.address,
          port: target.port,
          weight: target.weight,
        }));
        const stands = { name, address, protocol, port, algorithm, listensAt, targets: shown };
        if (JSON.stringify(stands) !== JSON.stringify(before)) writes += 1;
        plane.standing.set(name, stands);
        return { name, state: 'applied', listensAt };
      });
      const wanted = new Set(desired.listeners.map(({ name }) => name));
      for (const name of plane.standing.keys())
        if (!wanted.has(name)) {
          plane.standing.delete(name);
          writes += 1;
        }
      plane.writes += writes;
      return { listeners, writes };
    });
  }

  onOutsideChange(changed: () => void): void {
    this.plane.fileChanged = changed;
  }

  isOutsideChanged(): Promise<boolean> {
    return this.call(() => this.plane.hasNewFiles);
  }

  observe(): Promise<readonly ObservedListener[]> {
    return this.call(() => [...this.plane.standing.values()].sort((a, b) => (a.name < b.name ? -1 : 1)));
  }

  counters(): Promise<readonly ListenerCounters[]> {
    const none = { connections: 0, connectionsTotal: 7, bytesIn: 10, bytesOut: 20 };
    return Promise.resolve(
      [...this.plane.standing.values()].map(({ name, targets }) => ({
        ...none,
        listener: name,
        refusedTotal: 1,
        targets: targets.map(({ address, port }) => ({ ...none, address, port, errorsTotal: 2 })),
      })),
    );
  }

  flush({ listener, target }: FlushRequest): Promise<number> {
    return this.call(() => {
      const weight = this.plane.standing
        .get(listener)
        ?.targets.find(({ address, port }) => address === target.address && port === target.port)?.weight;
      this.plane.cut.push(`${listener} ${target.address}:${target.port} at weight ${weight}`);
      return 1;
    });
  }

  close(): Promise<void> {
    this.plane.closed += 1;
    return Promise.resolve();
  }

  /** The one that the listener had, as long as nobody else has it. */
  private freePort(name: string): number {
    const kept = this.ports.get(name);
    if (kept !== undefined && !this.plane.busyPorts.has(kept)) return kept;
    const port = this.plane.nextPort++;
    this.ports.set(name, port);
    return port;
  }

  private async call<T>(work: () => T): Promise<T> {
    const { plane } = this;
    plane.inWork += 1;
    plane.mostInWork = Math.max(plane.mostInWork, plane.inWork);
    // as long as any real call takes at least
    await new Promise((resolve) => setImmediate(resolve));
    plane.inWork -= 1;
    if (plane.isAway) throw new CodedError('data-plane-unavailable', 'the data plane is away');
    return work();
  }
}
