import {
  type Capabilities,
  CodedError,
  type ErrorBody,
  type ListenerCounters,
  type NodePool,
  type NodeState,
  type RequestCounters,
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

/** What it says of the requests of each listener with policy pools. */
const REQUESTS: RequestCounters = {
  ...{ total: 15, responses: { '1xx': 0, '2xx': 9, '3xx': 3, '4xx': 2, '5xx': 1, other: 0 } },
  ...{ rejectedTotal: 2, brokenTotal: 0, failedTotal: 1, perSecond: 4 },
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
  /** It is certain that nobody is served. */
  isDead = false;
  /** It serves nobody once its driver is closed. */
  endsWithAgent = false;

  /** `journal`: every listener that comes or leaves, in order: `serve <name> <address>` or `end <name> <address>`. */
  constructor(readonly journal: string[] = []) {}
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
        const shown = (all: NodePool['targets']): ObservedListener['targets'] =>
          all.map((one) => ({ address: one.address, port: one.port, weight: one.weight }));
        const stands: ObservedListener = {
          ...{ name, address, protocol, port, algorithm, listensAt, targets: shown(targets) },
          ...(listener.policyPools && {
            policyPools: listener.policyPools.map((pool) => ({ ...pool, targets: shown(pool.targets) })),
          }),
        };
        if (JSON.stringify(stands) !== JSON.stringify(before)) writes += 1;
        if (before?.address !== address) {
          if (before) plane.journal.push(`end ${name} ${before.address}`);
          plane.journal.push(`serve ${name} ${address}`);
        }
        plane.standing.set(name, stands);
        return { name, state: 'applied', listensAt };
      });
      const wanted = new Set(desired.listeners.map(({ name }) => name));
      for (const [name, { address: left }] of plane.standing)
        if (!wanted.has(name)) {
          plane.standing.delete(name);
          plane.journal.push(`end ${name} ${left}`);
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
      [...this.plane.standing.values()].map(({ name, targets: own, policyPools }) => {
        const targets = own.map(({ address, port }) => ({ ...none, address, port, errorsTotal: 2 }));
        const listener = { ...none, listener: name, refusedTotal: 1, targets };
        if (!policyPools) return listener;
        const times = { connectMs: 1, responseMs: 20, totalMs: 300 };
        const pools = policyPools.map((pool) => ({ pool: pool.name, targets, times }));
        return { ...listener, requests: REQUESTS, policyPools: pools };
      }),
    );
  }

  flush({ listener, pool, target }: FlushRequest): Promise<number> {
    return this.call(() => {
      const stands = this.plane.standing.get(listener);
      const group = pool === undefined ? stands : stands?.policyPools?.find(({ name }) => name === pool);
      const weight = group?.targets.find(
        ({ address, port }) => address === target.address && port === target.port,
      )?.weight;
      const of = pool === undefined ? listener : `${listener} pool ${pool}`;
      this.plane.cut.push(`${of} ${target.address}:${target.port} at weight ${weight}`);
      return 1;
    });
  }

  servesNobody(): Promise<boolean> {
    return Promise.resolve(this.plane.isDead);
  }

  get endsWithAgent(): boolean {
    return this.plane.endsWithAgent;
  }

  close(): Promise<void> {
    if (this.plane.endsWithAgent)
      for (const { name, address } of this.plane.standing.values())
        this.plane.journal.push(`end ${name} ${address}`);
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
