import { type Bus, Pauses, WrongSequenceError } from '@signalbox/bus';
import {
  CodedError,
  formatTime,
  NODE_KEYS,
  type NodeListener,
  type NodeSettings,
  subjectToken,
} from '@signalbox/contracts';
import type { Clock } from '@signalbox/runtime';
import {
  afterUpdate,
  type NodePlan,
  nodeUpdate,
  type NodeWanted,
  planIn,
  planOf,
} from './domain/node-update.js';
import { heldUntil } from './domain/warm-up.js';
import type { NodeBucket, StoredNode } from './node-bucket.js';
import type { NodeStates } from './node-states.js';
import type { NodeVips } from './node-vips.js';

/** How long changes of a node wait for others that are written with them. spec "coalescing", 20-50 ms. */
export const COALESCE_MS = 25;

/** Keys that are written or removed at once. */
const KEYS_AT_ONCE = 256;

/** Pauses between tries while NATS does not take a state. Milliseconds; the last one is repeated. */
const PAUSE_MS = [100, 250, 500, 1000, 2000] as const;

/** What all lanes share. */
export interface LaneOptions {
  readonly bus: Bus;
  readonly bucket: NodeBucket;
  readonly states: NodeStates;
  readonly vips: NodeVips;
  readonly clock: Clock;
  /** When the balancer started, epoch ms. */
  readonly startedMs: number;
  /** Of nodes that were never told anything. */
  readonly epoch: string;
  /** Told how many values were written. */
  readonly onWrites: (node: string, writes: number) => void;
}

/**
 * Writes the desired state of one node: what changed, then the manifest. After any failure the bucket is read again and compared, so
 * that it does not matter what of the writing was stored.
 */
export class NodeLane {
  /** As the config has it; undefined: the node left, and serves nothing. */
  private settings: NodeSettings | undefined;
  private readonly dirty = new Set<string>();
  private isAllDirty = false;
  /** What it announces may have changed. */
  private areVipsDirty = false;
  /** Something failed: what the bucket holds may be anything. */
  private isInDoubt = false;
  /** Listeners that wait for the end of the warm-up. */
  private held: readonly string[] = [];
  private heldUntilMs = 0;
  private timer: NodeJS.Timeout | undefined;
  private stored: StoredNode | undefined;
  private working: Promise<void> | undefined;
  private stopped = false;
  private problem: string | undefined;
  private readonly pauses = new Pauses();
  private readonly forgetReconnect: () => void;

  constructor(
    readonly name: string,
    private readonly options: LaneOptions,
  ) {
    this.forgetReconnect = options.bus.onReconnect(() => this.pauses.cut());
  }

  /** What the node was told last; undefined: nothing, or it is being read. */
  get standing(): StoredNode['standing'] {
    return this.stored?.standing;
  }

  /** Why the node was not told of the newest state of a listener; undefined when it was. */
  waitsFor(listener: string): string | undefined {
    if (this.held.includes(listener))
      return `it is new on the node, and waits for its backends until ${formatTime(this.heldUntilMs)} at the latest`;
    const isWritten = !this.isAllDirty && !this.dirty.has(listener) && this.working === undefined;
    return this.problem ?? (isWritten ? undefined : 'it is being written');
  }

  /** Takes the node as the config has it now: everything of it is looked at again. */
  configure(settings: NodeSettings | undefined): void {
    this.settings = settings;
    this.isAllDirty = true;
    this.begin();
  }

  /** Looks at these listeners again. */
  mark(listeners: Iterable<string>): void {
    for (const listener of listeners) this.dirty.add(listener);
    this.begin();
  }

  /** Looks at what it shall announce again. */
  markVips(): void {
    this.areVipsDirty = true;
    this.begin();
  }

  /** Resolves when nothing is to be written any more, but for what waits for the end of the warm-up. */
  async idle(): Promise<void> {
    while (this.working) await this.working;
  }

  /** Ends the writing; what is not written yet is written by the next process. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    this.forgetReconnect();
    this.pauses.end();
    if (this.options.bus.isUp) await this.idle();
  }

  private begin(): void {
    if (this.hasWork && !this.stopped) this.working ??= this.work();
  }

  private get hasWork(): boolean {
    return this.isAllDirty || this.areVipsDirty || this.dirty.size > 0;
  }

  /** Ends in the same step in which it finds nothing to do, so that nothing can be marked unnoticed in between. */
  private async work(): Promise<void> {
    for (let tries = 0; this.hasWork && !this.stopped;) {
      await this.pauses.for(COALESCE_MS);
      if (this.stopped) break;
      const [isAll, names] = [this.isAllDirty || this.isInDoubt, [...this.dirty]];
      const areVips = isAll || this.areVipsDirty;
      this.isAllDirty = false;
      this.areVipsDirty = false;
      this.dirty.clear();
      try {
        await this.bring(isAll, names, areVips);
        this.isInDoubt = false;
        this.problem = undefined;
        tries = 0;
      } catch (error) {
        this.isInDoubt = true;
        this.stored = undefined;
        if (this.isHopeless(error)) continue;
        this.isAllDirty = true;
        await this.pauses.for(PAUSE_MS[Math.min(tries++, PAUSE_MS.length - 1)]!);
      }
    }
    this.working = undefined;
  }

  /** Tells what failed, once; whether the same can never work, so that only another change is worth a try. */
  private isHopeless(error: unknown): boolean {
    const { bus } = this.options;
    const reason = String(error);
    const isHopeless = error instanceof CodedError && !error.retryable;
    const isKnown = this.problem === reason || this.stopped || bus.outages.explain(error) !== undefined;
    this.problem = reason;
    if (isKnown) return isHopeless;
    const fields = { node: this.name, reason };
    if (error instanceof WrongSequenceError)
      bus.log.error(fields, 'somebody else wrote the state of a node: reading it again');
    else if (isHopeless) bus.log.error(fields, 'the state of a node can never be stored');
    else bus.log.warn(fields, 'the state of a node waits for NATS');
    return isHopeless;
  }

  private async bring(isAll: boolean, names: readonly string[], areVips: boolean): Promise<void> {
    const { bucket, clock, epoch, vips } = this.options;
    const isFresh = this.stored === undefined;
    const stored = (this.stored ??= await bucket.read(this.name));
    const plan = this.plan(stored);
    if (!plan) return;
    const listeners = this.wanted(stored, this.lookedAt(stored, isAll, names));
    if (!listeners) return;
    const wanted: NodeWanted = {
      listeners,
      ...(areVips && { announcements: (this.settings && vips.of(this.name)) ?? 'nothing' }),
    };
    const at = formatTime(clock.now());
    const update = nodeUpdate(plan, stored.standing, wanted, { at, epoch });
    if (update) {
      await inTurns(update.listeners, ({ key, text }) => this.put(stored, key, text));
      if (update.announcements) await this.put(stored, update.announcements.key, update.announcements.text);
      await this.put(stored, NODE_KEYS.manifest(this.name), JSON.stringify(update.manifest));
      stored.standing = afterUpdate(stored.standing, update);
    }
    if (isFresh || update) await this.purge(stored);
  }

  /** A node that left serves nothing; what was never told anything needs no telling. */
  private plan({ standing }: StoredNode): NodePlan | undefined {
    if (this.settings) return planOf(this.settings);
    if (!standing) return undefined;
    return planIn(standing.manifest);
  }

  private lookedAt({ standing }: StoredNode, isAll: boolean, names: readonly string[]): Set<string> {
    const looked = new Set([...names, ...this.held]);
    if (!isAll) return looked;
    for (const name of this.options.states.names) looked.add(name);
    for (const { name } of standing?.manifest.listeners ?? []) looked.add(name);
    return looked;
  }

  /**
   * What the node shall do for these listeners; undefined: nothing may be written yet. The first state of a node waits for all
   * of its listeners: an agent that has an older one, of a bucket that was lost, would take away those that are missing.
   */
  private wanted(
    { standing }: StoredNode,
    names: ReadonlySet<string>,
  ): Map<string, NodeListener | undefined> | undefined {
    const { states } = this.options;
    const wanted = new Map<string, NodeListener | undefined>();
    const held: string[] = [];
    const untils = standing ? [] : this.untilReleased([]);
    for (const name of names) {
      const before = standing?.listeners.get(name);
      const state = this.settings && states.listenerOf(this.settings, name, before?.state);
      const until = state && !before ? this.untilReleased(states.targetsOf(name)) : [];
      untils.push(...until);
      if (until.length > 0) held.push(name);
      else wanted.set(name, state);
    }
    const waitsForAll = !standing && untils.length > 0;
    this.hold(waitsForAll ? [...names] : held, untils);
    return waitsForAll ? undefined : wanted;
  }

  private untilReleased(targets: ReturnType<NodeStates['targetsOf']>): number[] {
    const { startedMs, clock } = this.options;
    const node = this.settings;
    const until = node && heldUntil(targets, { node, startedMs, nowMs: clock.now() });
    return until === undefined ? [] : [until];
  }

  private hold(names: readonly string[], untils: readonly number[]): void {
    clearTimeout(this.timer);
    this.held = names;
    if (untils.length === 0) return;
    this.heldUntilMs = Math.max(...untils);
    const waitMs = Math.max(1, Math.min(...untils) - this.options.clock.now());
    this.timer = setTimeout(() => {
      this.isAllDirty ||= this.standing === undefined;
      this.mark(this.held);
    }, waitMs);
  }

  private async put(stored: StoredNode, key: string, value: string): Promise<void> {
    const revision = await this.options.bucket.put(key, value, stored.revisions.get(key) ?? 0);
    stored.revisions.set(key, revision);
    this.options.onWrites(this.name, 1);
  }

  /** Removes the keys of what the node no longer serves or announces, also those that an earlier process left. */
  private async purge(stored: StoredNode): Promise<void> {
    const { bucket } = this.options;
    const manifest = stored.standing?.manifest;
    const named = new Set(manifest?.listeners.map(({ name }) => subjectToken(name)));
    const left = [...stored.revisions.keys()].filter((key) => {
      const [, kind, listener = ''] = key.split('.');
      if (kind === 'announcements') return manifest?.announcements === undefined;
      return kind === 'listener' && !named.has(listener);
    });
    await inTurns(left, async (key) => {
      await bucket.purge(key);
      stored.revisions.delete(key);
    });
  }
}

async function inTurns<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < all.length; at += KEYS_AT_ONCE)
    await Promise.all(all.slice(at, at + KEYS_AT_ONCE).map(work));
}
