import type { NodeListener, NodeTarget } from '@signalbox/contracts';
import { AffinityTable } from '../../domain/affinity-table.js';
import type { Choice, Client } from '../../domain/choice.js';
import type { TargetCounters } from '../driver.js';
import { type Place, targetKey } from '../place.js';
import { Target } from './target.js';

/** The targets of one listener, whom of them a new connection gets, and those that left and still carry something. */
export class ListenerTargets {
  /** In the order of the choice, which need not be that of a later state with the same targets. */
  private chosenFrom: readonly NodeTarget[] = [];
  private listed: readonly Target[] = [];
  private current: ReadonlySet<Target> = new Set();
  private readonly known = new Map<string, Target>();
  private affinity?: AffinityTable;
  private affinityMs?: number;

  /** `now`: milliseconds of a clock that never goes back. */
  constructor(
    listener: NodeListener,
    private choice: Choice,
    private readonly now: () => number,
  ) {
    this.update(listener, choice);
  }

  get tableDigest(): string | undefined {
    return this.choice.tableDigest;
  }

  get warning(): string | undefined {
    return this.choice.warning;
  }

  /** Holds for every choice after it. `choice`: of this listener; undefined: the one that stands goes on. */
  update(listener: NodeListener, choice: Choice | undefined): void {
    const timeoutMs = listener.affinity?.type === 'source-ip' ? listener.affinity.timeoutMs : undefined;
    if (timeoutMs !== this.affinityMs) {
      this.affinityMs = timeoutMs;
      this.affinity = timeoutMs === undefined ? undefined : new AffinityTable(timeoutMs);
      this.affinity?.useTargets(this.chosenFrom);
    }
    if (choice) this.chooseFrom(listener.targets, choice);
  }

  /** With affinity a client's home goes first, and where it is sent becomes its home. Undefined: no other can take it. */
  choose(client: Client, tried: readonly Target[]): Target | undefined {
    const except =
      tried.length === 0 ? undefined : new Set(tried.map((target) => this.listed.indexOf(target)));
    const home = this.affinity?.find(client.address, this.now());
    if (home !== undefined && !except?.has(home)) return this.listed[home];
    const index = this.choice.choose(client, (at) => this.listed[at]?.carried.size ?? 0, except);
    if (index === undefined) return undefined;
    this.affinity?.remember(client.address, index, this.now());
    return this.listed[index];
  }

  /** Forgets a target that is listed no more, when it carries nothing. */
  dropIdle(target: Target): void {
    if (target.carried.size > 0 || this.current.has(target)) return;
    this.known.delete(targetKey(target));
  }

  /** Cuts what the target carries and forgets that clients belong to it; says how many were cut. */
  flush(place: Place): number {
    this.affinity?.forget(place);
    return this.known.get(targetKey(place))?.flush() ?? 0;
  }

  counters(): TargetCounters[] {
    return this.listed.map((target) => target.counters());
  }

  private chooseFrom(targets: readonly NodeTarget[], choice: Choice): void {
    const before = this.listed;
    this.choice = choice;
    this.chosenFrom = targets;
    this.listed = targets.map((place) => this.targetAt(place));
    this.current = new Set(this.listed);
    this.affinity?.useTargets(targets);
    for (const target of before) this.dropIdle(target);
  }

  private targetAt(place: Place): Target {
    const key = targetKey(place);
    const target = this.known.get(key) ?? new Target(place.address, place.port);
    this.known.set(key, target);
    return target;
  }
}
