import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import { ModelStore } from './model-store.js';

/** How soon a position is saved. Milliseconds. */
const SAVE_AFTER_MS = 1000;

/**
 * Saves now and then up to where every proposal is decided, so that a start need not look at all of them again. It may lag:
 * what stands behind it and is decided is recognised by the records of the decisions.
 */
@Injectable()
export class DecidedPosition {
  private seq = 0;
  private created = '';
  private timer: NodeJS.Timeout | undefined;
  private saving: Promise<void> = Promise.resolve();

  constructor(
    private readonly bus: Bus,
    private readonly store: ModelStore,
  ) {}

  /** Everything up to `seq` is decided, and its records are stored. */
  reached(seq: number, created: string): void {
    this.seq = seq;
    this.created = created;
    this.timer ??= setTimeout(() => this.save(), SAVE_AFTER_MS).unref();
  }

  async stop(): Promise<void> {
    if (this.timer) this.save();
    await this.saving;
  }

  private save(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.saving = this.store.saveDecided(this.seq, this.created).catch((err: unknown) => {
      if (!this.bus.outages.explain(err)) this.bus.log.warn({ err }, 'a position could not be saved');
    });
  }
}
