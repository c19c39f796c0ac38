import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import type { Position } from '@signalbox/store';
import type { PendingLedger } from './domain/pending-ledger.js';
import type { PendingWithdrawals } from './domain/pending-withdrawals.js';
import { MatchStore } from './match-store.js';

/** How soon after a change what is pending is written. Milliseconds. */
const WRITE_AFTER_MS = 1000;

/** How long a stop waits for the last write. Milliseconds. */
const STOP_MS = 1000;

/** What a checkpoint is made of, as the matcher has it at one moment. */
export interface CheckpointSource {
  readonly ledger: PendingLedger;
  readonly withdrawals: PendingWithdrawals;
  /** How far the streams are folded, by their names. */
  positions(): ReadonlyMap<string, Position>;
  /** Resolves when every plan that was decided so far is stored. */
  plansStored(): Promise<void>;
}

/**
 * Writes now and then how far the matcher is and what it has pending, so that a start reads only what came after. Taken at
 * one moment, written when the plans of that moment are stored: a fact that is no longer pending is planned for good.
 */
@Injectable()
export class Checkpoints {
  private source: CheckpointSource | undefined;
  private timer: NodeJS.Timeout | undefined;
  private failing = false;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly bus: Bus,
    private readonly store: MatchStore,
  ) {}

  open(source: CheckpointSource): void {
    this.source = source;
    source.withdrawals.onChange = () => this.soon();
  }

  /** Something changed. Written a little later; a failure is tried again. */
  soon(): void {
    this.timer ??= setTimeout(() => this.attempt(), WRITE_AFTER_MS).unref();
  }

  /** Writes what changed since the last write. A failure costs nothing but time: the next start reads more again. */
  async stop(): Promise<void> {
    const written = this.timer ? this.write() : this.writing;
    const patience = new Promise((resolve) => setTimeout(resolve, STOP_MS).unref());
    await Promise.race([written.catch(() => undefined), patience]);
    clearTimeout(this.timer);
    this.source = undefined;
  }

  /** Writes how things stand now, or a little later when a write is under way. */
  write(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.writing = this.writing.catch(() => undefined).then(() => this.writeNow());
    return this.writing;
  }

  private attempt(): void {
    this.write().then(
      () => (this.failing = false),
      (err: unknown) => {
        if (!this.failing && !this.bus.outages.explain(err))
          this.bus.log.warn({ err }, 'a checkpoint could not be written, trying again');
        this.failing = true;
        this.soon();
      },
    );
  }

  private async writeNow(): Promise<void> {
    const { source } = this;
    if (!source) return;
    const positions = source.positions();
    const pending = source.ledger.take();
    const withdrawals = source.withdrawals.take();
    await source.plansStored();
    await this.store.save({ positions, pending, withdrawals });
    source.ledger.confirm(pending);
    source.withdrawals.confirm();
  }
}
