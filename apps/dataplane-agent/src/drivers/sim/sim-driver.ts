import type { ErrorBody, NodeState } from '@signalbox/contracts';
import type {
  AppliedListener,
  ApplyResult,
  DataplaneDriver,
  FlushRequest,
  ListenerCounters,
  ObservedListener,
} from '../driver.js';
import { BoundPlaces } from './bound-places.js';
import { placeTaken } from '../place.js';
import { grantedWishes } from '../place-wishes.js';
import { type PortMemory, ProcessPortMemory } from '../port-memory.js';
import { SIM_CAPABILITIES } from './sim-capabilities.js';
import { type SimListener } from './sim-listener.js';
import { type Chance, type ReadyStep, type Serving, type Step, stepOf, wishesOf } from './step.js';

/** What a `sim` data plane may be given. */
export interface SimOptions extends Partial<Chance> {
  /** Default: ports are kept as long as the driver lives. */
  readonly ports?: PortMemory;
}

/**
 * A data plane in this process: a forwarder of TCP and UDP that needs no privileges. An apply first does all that may
 * fail beside what serves, then makes its changes in one go, between two connections. It never waits for others, so that
 * no deadline is reached.
 */
export class SimDriver implements DataplaneDriver {
  readonly capabilities = SIM_CAPABILITIES;
  readonly endsWithAgent = true;
  private readonly serving = new Map<string, Serving>();
  /** Listeners that take nothing more, until what they carry has ended. */
  private readonly leaving = new Set<SimListener>();
  private readonly ports: PortMemory;
  private readonly places: BoundPlaces;
  private readonly chance: Chance;

  constructor(options: SimOptions = {}) {
    this.ports = options.ports ?? new ProcessPortMemory();
    this.places = new BoundPlaces(this.ports);
    const { now = () => performance.now(), random = Math.random } = options;
    this.chance = { now, random };
  }

  async apply(desired: NodeState): Promise<ApplyResult> {
    const steps: Step[] = [];
    for (const listener of desired.listeners) {
      steps.push(await stepOf(listener, this.serving.get(listener.name), this.places, this.chance));
    }
    const granted = grantedWishes(steps.flatMap(wishesOf));
    let writes = this.dropAllBut(new Set(desired.listeners.map(({ name }) => name)));
    const listeners = steps.map((step): AppliedListener => {
      const { name } = step.desired;
      if ('error' in step) return refused(name, step.error);
      if (!granted.has(name)) return refused(name, placeTaken(name, step.bound.place));
      writes += step.writes;
      return applied(name, this.take(step));
    });
    this.places.handOver(new Map([...this.serving.values()].map(({ bound, listener }) => [bound, listener])));
    for (const listener of this.leaving) if (listener.isIdle) this.leaving.delete(listener);
    return { listeners, writes };
  }

  observe(): Promise<readonly ObservedListener[]> {
    return Promise.resolve(this.sorted().map(({ listener, bound }) => listener.observed(bound.place)));
  }

  counters(): Promise<readonly ListenerCounters[]> {
    return Promise.resolve(this.sorted().map(({ listener }) => listener.counters()));
  }

  flush({ listener, target }: FlushRequest): Promise<number> {
    return Promise.resolve(this.serving.get(listener)?.listener.targets.flush(target) ?? 0);
  }

  /** Nobody listens after it, and all connections are cut. */
  async close(): Promise<void> {
    this.dropAllBut(new Set());
    for (const listener of this.leaving) listener.cut();
    this.leaving.clear();
    await this.places.close();
  }

  /** Says how many were dropped. */
  private dropAllBut(names: ReadonlySet<string>): number {
    const dropped = [...this.serving].filter(([name]) => !names.has(name));
    for (const [name, { listener }] of dropped) {
      this.serving.delete(name);
      this.leaving.add(listener);
    }
    return dropped.length;
  }

  private take({ desired, current, bound, carryOut }: ReadyStep): Serving {
    const { name, listenAt } = desired;
    if (listenAt && listenAt.port === undefined) this.ports.set(name, bound.place.port);
    const serving = { listener: carryOut(), bound };
    if (current && current.listener !== serving.listener) this.leaving.add(current.listener);
    this.serving.set(name, serving);
    return serving;
  }

  private sorted(): Serving[] {
    return [...this.serving].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, serving]) => serving);
  }
}

function applied(name: string, { listener, bound }: Serving): AppliedListener {
  const { tableDigest, warning } = listener.targets;
  return {
    name,
    state: 'applied',
    listensAt: bound.place,
    ...(tableDigest !== undefined && { tableDigest }),
    ...(warning !== undefined && { warning }),
  };
}

function refused(name: string, error: ErrorBody): AppliedListener {
  return { name, state: 'refused', error };
}
