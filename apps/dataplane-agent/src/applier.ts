import { type ErrorBody, errorBody, ERRORS, type NodeDriver } from '@signalbox/contracts';
import type { Clock, Log } from '@signalbox/runtime';
import { Pauses } from '@signalbox/bus';
import type { Announcing } from './announcing.js';
import { applyState, cutConnections, DEADLINE } from './apply-turn.js';
import { backOffMs } from './domain/back-off.js';
import { withHeld } from './domain/announcing/outgoing.js';
import type { ServingListener } from './domain/announcing/readiness.js';
import { comesAfter, type Desired, type HeldListener } from './domain/desired.js';
import { driftOf } from './domain/drift.js';
import { briefly, NO_CAPABILITIES, type NodeReport } from './domain/node-report.js';
import type { AppliedListener, DataplaneDriver } from './drivers/driver.js';
import type { DriverSlot } from './drivers/driver-slot.js';
import type { KeptFile } from './kept-file.js';
import { PlaneTally } from './plane-tally.js';
import { Refusals } from './refusals.js';

/** A manifest cannot ask for more syncs than this. Milliseconds. */
const LEAST_SYNC_MS = 100;

/** What an applier works with. */
export interface ApplierParts {
  readonly slot: DriverSlot;
  readonly kept: KeptFile;
  readonly announcing: Announcing;
  readonly clock: Clock;
  readonly log: Log;
}

/** What stands in the data plane because this process applied it. */
interface Standing {
  readonly desired: Desired;
  /** Listeners that are not in it and were applied with it. */
  readonly held: readonly HeldListener[];
  readonly driver: DataplaneDriver;
  readonly applied: readonly AppliedListener[];
  readonly serving: readonly ServingListener[];
}

/**
 * Makes the data plane as desired and keeps it so: one call at a time, and of the states that come meanwhile the newest. It is
 * compared with what it shall be every sync interval; what fails is tried again until it works or a newer state comes.
 */
export class Applier {
  readonly tally = new PlaneTally();
  /** Since when the data plane does not work. Milliseconds since 1970. */
  failingSinceMs: number | undefined;
  readonly refusals = new Refusals();
  /** Whether this process has something to say of the node yet. */
  hasTried = false;
  private current: NodeReport | undefined;
  private standing: Standing | undefined;
  /** The state that this data plane can never have. */
  private givenUp: Desired | undefined;
  /** The state whose way here is measured: one that was kept may be of long ago. */
  private arrived: Desired | undefined;
  private isSyncAsked = false;
  private failures = 0;
  private isStopped = false;
  private running: Promise<void> | undefined;
  private syncTimer: NodeJS.Timeout | undefined;
  private readonly pauses = new Pauses();
  private readonly listeners = new Set<(report: NodeReport) => void>();

  constructor(private readonly parts: ApplierParts) {
    this.current = parts.kept.memory.told?.report;
    parts.announcing.onWork(() => this.sync());
  }

  /** How the node is; undefined: no state was tried yet, by this process or one before it. */
  get report(): NodeReport | undefined {
    return this.current;
  }

  /** The newest complete state. */
  get desired(): Desired | undefined {
    return this.parts.kept.memory.desired;
  }

  /** Calls `listener` after every turn, with how the node is then. */
  onReport(listener: (report: NodeReport) => void): void {
    this.listeners.add(listener);
  }

  /** Applies what was kept, if anything was. */
  resume(): void {
    const { desired } = this;
    if (desired) this.parts.announcing.offer(desired, desired);
    this.work();
  }

  /** A complete state came. One that comes before the newest is not applied. */
  offer(desired: Desired): void {
    const { log, kept, announcing } = this.parts;
    const known = kept.memory.desired;
    const order = comesAfter(desired, known);
    if (order === 'same') return;
    if (order === 'stale') {
      const { generation } = desired.state;
      this.tally.stale += 1;
      log.warn({ generation, newest: known?.state.generation }, 'a state of before is not applied');
      return;
    }
    // numbers of another count tell nothing
    if (known && known.epoch !== desired.epoch) delete kept.memory.flushesDone;
    kept.memory.desired = desired;
    this.arrived = desired;
    announcing.offer(desired, known);
    this.pauses.cut();
    this.work();
  }

  /** Compares the data plane with the state now. */
  sync(): void {
    this.isSyncAsked = true;
    this.pauses.cut();
    this.work();
  }

  /** A manifest is there and its state is not yet: until it is, the node waits, unless it has a state of before. */
  async expect(driver: NodeDriver): Promise<void> {
    if (this.desired || this.isStopped) return;
    const capabilities = await this.parts.slot.take(driver).then(
      (one) => one.capabilities,
      () => NO_CAPABILITIES,
    );
    if (!this.desired) this.tell({ driver, state: 'waiting', capabilities, listeners: [] });
  }

  /** Ends after the turn in work; what stands in the data plane stays. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.syncTimer);
    this.pauses.end();
    await this.running;
  }

  private work(): void {
    this.running ??= this.workOff().finally(() => {
      this.running = undefined;
      if (this.isDue()) this.work();
      else this.syncLater();
    });
  }

  private isDue(): boolean {
    const { desired } = this;
    if (!desired || this.isStopped) return false;
    const { standing } = this;
    const isNew = desired !== standing?.desired && desired !== this.givenUp;
    const isHeldOther = standing !== undefined && standing.held !== this.parts.announcing.held;
    return isNew || isHeldOther || this.isSyncAsked || this.failures > 0;
  }

  private async workOff(): Promise<void> {
    clearTimeout(this.syncTimer);
    while (this.isDue()) {
      const desired = this.desired!;
      this.isSyncAsked = false;
      try {
        await this.turn(desired);
        this.succeeded();
      } catch (error) {
        await this.failed(desired, error);
        this.parts.kept.keep();
        if (this.failures > 0 && desired === this.desired && !this.isSyncAsked)
          await this.pauses.for(backOffMs(this.failures));
      }
    }
  }

  /** Applies the state with what still leaves, unless it stands as it was applied; then what is ready is announced. */
  private async turn(wanted: Desired): Promise<void> {
    const { slot, kept, clock, announcing } = this.parts;
    const driver = await slot.take(wanted.driver);
    driver.onOutsideChange?.(() => this.sync());
    await announcing.prepare();
    const { held } = announcing;
    const stands =
      this.standing?.desired === wanted && this.standing.driver === driver && this.standing.held === held;
    if (stands && this.failures === 0 && (await this.isAsApplied(this.standing!)))
      return announcing.stands(wanted, held, this.standing!.serving);
    const desired = withHeld(wanted, held);
    const began = performance.now();
    const before = this.current?.listeners ?? [];
    const turn = await applyState(driver, desired, kept.memory, before);
    const { applied, serving, reports } = turn;
    this.tally.writes += turn.writes;
    this.tally.applies.took((performance.now() - began) / 1000);
    if (!stands && wanted === this.arrived)
      this.tally.lagSeconds = Math.max(0, clock.now() - Date.parse(wanted.at)) / 1000;
    await announcing.stands(wanted, held, serving);
    const hasCut = await cutConnections(driver, desired, applied, kept.memory);
    this.standing = { desired: wanted, held, driver, applied, serving };
    kept.keep();
    if (hasCut) await kept.settle();
    this.refusals.note(reports, clock.now());
    this.tell({
      driver: wanted.driver,
      state: 'ready',
      epoch: wanted.epoch,
      appliedGeneration: wanted.state.generation,
      capabilities: driver.capabilities,
      listeners: reports,
      ...(turn.trafficDigest !== undefined && { trafficDigest: turn.trafficDigest }),
    });
  }

  /** Whether nothing is to be done: nobody changed anything, neither what the state depends on outside of the data plane, and nothing is refused that may be possible by now. */
  private async isAsApplied({ desired, held, driver, applied }: Standing): Promise<boolean> {
    if (await driver.isOutsideChanged?.()) return false;
    const { state } = withHeld(desired, held);
    const drift = driftOf(state, applied, await driver.observe(DEADLINE));
    if (drift.length > 0) {
      this.tally.drifts += 1;
      this.parts.log.warn({ listeners: drift }, 'the data plane is not as it was applied, applying again');
      return false;
    }
    return !applied.some((one) => one.state === 'refused' && ERRORS[one.error.code].retryable);
  }

  private succeeded(): void {
    if (this.failures > 0) this.parts.log.info({}, 'the data plane works again');
    this.failures = 0;
    this.givenUp = undefined;
    this.failingSinceMs = undefined;
  }

  /** What is refused for good is not tried again until another state comes. */
  private async failed(desired: Desired, error: unknown): Promise<void> {
    const { log, slot, clock, announcing } = this.parts;
    const body: ErrorBody = errorBody(error);
    if (this.failures === 0 && this.givenUp !== desired)
      log.error({ err: error }, 'the data plane does not do what it shall');
    this.failingSinceMs ??= clock.now();
    this.standing = undefined;
    if (ERRORS[body.code].retryable) this.failures += 1;
    else {
      this.failures = 0;
      this.givenUp = desired;
    }
    const isDead = (await slot.current?.servesNobody?.()) ?? false;
    announcing.fails(isDead ? `the data plane serves nobody: ${body.message}` : undefined);
    this.tell({
      ...(this.current ?? { listeners: [] }),
      driver: desired.driver,
      state: 'unavailable',
      error: briefly(body),
      capabilities: slot.current?.capabilities ?? NO_CAPABILITIES,
    });
  }

  private tell(report: NodeReport): void {
    this.current = report;
    this.hasTried = true;
    for (const listener of this.listeners) listener(report);
  }

  private syncLater(): void {
    const { desired } = this;
    if (!desired || this.isStopped) return;
    clearTimeout(this.syncTimer);
    const everyMs = Math.max(LEAST_SYNC_MS, desired.syncIntervalMs);
    this.syncTimer = setTimeout(() => this.sync(), everyMs).unref();
  }
}
