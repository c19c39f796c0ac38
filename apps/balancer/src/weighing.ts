import { Injectable } from '@nestjs/common';
import { type FrontendRecord, formatTime } from '@signalbox/contracts';
import { Clock, Metrics } from '@signalbox/runtime';
import type { Histogram } from 'prom-client';
import { BackendStates } from './backend-states.js';
import { applyFrontendRecord, frontendRecord } from './domain/frontend-changes.js';
import { decideFrontend, type FrontendMemory } from './domain/frontend-view.js';
import { FrontendBook } from './frontend-book.js';
import { FrontendRecords } from './frontend-records.js';
import { WeightOverrides } from './weight-overrides.js';

/**
 * Longest wait of one timer, then it is decided again: a timer does not see that the clock was set or the machine
 * slept. Milliseconds.
 */
const LONGEST_WAIT_MS = 60_000;

/** Frontends that are looked up at once when they are new to this process. */
const RECALLED_AT_ONCE = 256;

/** A frontend as its records left it. */
interface Weighed {
  readonly memory: FrontendMemory | undefined;
  readonly version: number;
  /** When it entered its state. */
  readonly since: string;
}

/** Decides frontends, appends what changed, and decides again when time alone changes something. */
@Injectable()
export class Weighing {
  private readonly weighed = new Map<string, Weighed>();
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly seconds: Histogram;

  constructor(
    private readonly frontends: FrontendBook,
    private readonly states: BackendStates,
    private readonly overrides: WeightOverrides,
    private readonly records: FrontendRecords,
    private readonly clock: Clock,
    metrics: Metrics,
  ) {
    this.seconds = metrics.histogram(
      'signalbox_balancer_decision_seconds',
      'From a change to the stored record of the weights that follow from it',
    );
  }

  /** What the records say, before anything is decided. */
  restore(frontend: string, weighed: Weighed): void {
    this.weighed.set(frontend, weighed);
  }

  /** Frontends that were decided. */
  get size(): number {
    return this.weighed.size;
  }

  /** Frontends that the records know as present. */
  get present(): Map<string, FrontendMemory & { readonly since: string }> {
    const present = new Map<string, FrontendMemory & { readonly since: string }>();
    for (const [name, { memory, since }] of this.weighed) if (memory) present.set(name, { ...memory, since });
    return present;
  }

  /** What was decided last about a frontend; undefined when it is not there. */
  memoryOf(frontend: string): FrontendMemory | undefined {
    return this.weighed.get(frontend)?.memory;
  }

  /** Decides these frontends now; resolves when every record that follows is stored, with the sequence of the last. */
  async decide(frontends: Iterable<string>): Promise<number | undefined> {
    const done = this.seconds.startTimer();
    const names = [...frontends];
    await this.recall(names.filter((name) => !this.weighed.has(name)));
    const stored = names.flatMap((name) => this.decideOne(name) ?? []);
    if (stored.length === 0) return undefined;
    const last = Math.max(...(await Promise.all(stored)));
    done();
    return last;
  }

  stop(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
  }

  /** A frontend that left before this process began goes on with its versions when it comes back. */
  private async recall(names: readonly string[]): Promise<void> {
    for (let at = 0; at < names.length; at += RECALLED_AT_ONCE) {
      const some = names.slice(at, at + RECALLED_AT_ONCE);
      await Promise.all(
        some.map(async (name) => {
          const { version, at: since } = (await this.records.recall(name)) ?? { version: 0, at: '' };
          this.weighed.set(name, { memory: undefined, version, since });
        }),
      );
    }
  }

  private decideOne(name: string): Promise<number> | undefined {
    const view = this.frontends.viewOf(name, this.states, this.overrides);
    const before = this.weighed.get(name);
    const nowMs = this.clock.now();
    const version = (before?.version ?? 0) + 1;
    const at = formatTime(nowMs);
    this.wakeAt(name, undefined);
    if (!view) return before?.memory && this.append(removal(name, before.memory, version, at), before);

    const decision = decideFrontend(view, before?.memory, nowMs);
    const expiries = [...view.pools, ...(view.policyPools ?? [])]
      .flatMap(({ members }) => members)
      .flatMap(({ override }) => (override?.expiresAt === undefined ? [] : [Date.parse(override.expiresAt)]));
    this.wakeAt(name, Math.min(decision.wakeAtMs ?? Number.POSITIVE_INFINITY, ...expiries));
    const record = frontendRecord(name, decision, before?.memory, version, at);
    return record && this.append(record, before);
  }

  private append(record: FrontendRecord, before: Weighed | undefined): Promise<number> {
    const { frontend, version, from, to, at } = record;
    const memory = applyFrontendRecord(before?.memory, record);
    const since = from === to ? (before?.since ?? at) : at;
    this.weighed.set(frontend, { memory, version, since });
    return this.records.append(record);
  }

  private wakeAt(name: string, atMs: number | undefined): void {
    clearTimeout(this.timers.get(name));
    this.timers.delete(name);
    if (atMs === undefined || atMs === Number.POSITIVE_INFINITY) return;
    const waitMs = Math.min(Math.max(1, atMs - this.clock.now()), LONGEST_WAIT_MS);
    this.timers.set(
      name,
      setTimeout(() => void this.decide([name]).catch(() => undefined), waitMs),
    );
  }
}

/** The record of a frontend that left the config. */
function removal(frontend: string, memory: FrontendMemory, version: number, at: string): FrontendRecord {
  const gone = [...memory.targets.values()].map(({ pool, backend }) => ({ pool, backend }));
  return {
    frontend,
    version,
    at,
    from: memory.state,
    to: 'removed',
    activePool: memory.activePool,
    targets: [],
    gone,
  };
}
