import type { ListenerTimeouts, NodeListener } from '@signalbox/contracts';
import type { Choice, Client } from '../../domain/choice.js';
import type { ListenerCounters, ObservedListener } from '../driver.js';
import { IdleSweep } from './idle-sweep.js';
import { SIM_LIMITS } from './limits.js';
import { ListenerTargets } from './listener-targets.js';
import { type Place, type Transport, transportOf } from '../place.js';
import type { Carried, Target } from './target.js';

/** One listener: its desired state that stands, its targets, and all that it carries, wherever it listens. */
export class SimListener {
  readonly targets: ListenerTargets;
  private readonly standing = new Set<Carried>();
  private readonly sweep: IdleSweep;
  private connectionsTotal = 0;
  private refusedTotal = 0;
  private endedIn = 0;
  private endedOut = 0;

  constructor(
    private shape: NodeListener,
    choice: Choice,
    now: () => number,
  ) {
    this.targets = new ListenerTargets(shape, choice, now);
    this.sweep = new IdleSweep(this.standing, () => this.timeouts, now);
  }

  get desired(): NodeListener {
    return this.shape;
  }

  get transport(): Transport {
    return transportOf(this.shape);
  }

  get timeouts(): ListenerTimeouts {
    return this.shape.timeouts;
  }

  /** Whether it carries nothing. */
  get isIdle(): boolean {
    return this.standing.size === 0;
  }

  /** Holds for every connection that comes after it. `choice`: undefined when targets and algorithm are as before. */
  update(desired: NodeListener, choice: Choice | undefined): void {
    this.targets.update(desired, choice);
    this.shape = desired;
  }

  /** Takes on a new connection; false: it has as many as it may, and this one is counted as refused. */
  admit(carried: Carried): boolean {
    this.connectionsTotal += 1;
    if (this.standing.size >= this.mostStanding) {
      this.refuse();
      return false;
    }
    this.standing.add(carried);
    this.sweep.begin();
    return true;
  }

  /** Gives an admitted connection the target that it is to try next. Undefined: no other can take it. */
  assign(carried: Carried, client: Client, tried: readonly Target[]): Target | undefined {
    const target = tried.length < SIM_LIMITS.tries ? this.targets.choose(client, tried) : undefined;
    target?.carried.add(carried);
    return target;
  }

  /** The target answered. */
  reached(target: Target): void {
    target.connectionsTotal += 1;
  }

  /** The target did not answer: it carries this no more, and another may be tried. */
  failed(carried: Carried, target: Target): void {
    target.errorsTotal += 1;
    target.carried.delete(carried);
    this.targets.dropIdle(target);
  }

  /** Counts a connection that got no target. */
  refuse(): void {
    this.refusedTotal += 1;
  }

  /** Takes a connection off that ended, or never got a target. Again does nothing. */
  end(carried: Carried, target: Target | undefined): void {
    if (!this.standing.delete(carried)) return;
    this.endedIn += carried.bytesIn;
    this.endedOut += carried.bytesOut;
    if (!target) return;
    target.end(carried);
    this.targets.dropIdle(target);
  }

  /** Cuts everything that it carries. */
  cut(): void {
    for (const carried of [...this.standing]) carried.cut();
  }

  counters(): ListenerCounters {
    let [bytesIn, bytesOut] = [this.endedIn, this.endedOut];
    for (const carried of this.standing) {
      bytesIn += carried.bytesIn;
      bytesOut += carried.bytesOut;
    }
    return {
      listener: this.shape.name,
      connections: this.standing.size,
      connectionsTotal: this.connectionsTotal,
      refusedTotal: this.refusedTotal,
      bytesIn,
      bytesOut,
      targets: this.targets.counters(),
    };
  }

  /** As it is read back. */
  observed(listensAt: Place): ObservedListener {
    const { name, address, protocol, port, algorithm, targets } = this.shape;
    return {
      name,
      address,
      protocol,
      port,
      algorithm,
      listensAt,
      targets: targets.map((target) => ({
        address: target.address,
        port: target.port,
        weight: target.weight,
      })),
    };
  }

  private get mostStanding(): number {
    const own = this.transport === 'udp' ? SIM_LIMITS.flows : SIM_LIMITS.connections;
    return Math.min(this.shape.connectionLimit ?? own, own);
  }
}
