import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import { BALANCE_MARKS, CodedError, STREAMS } from '@signalbox/contracts';
import { Serial } from '@signalbox/runtime';
import type { EffectiveChange } from '@signalbox/store';
import { BackendLedger } from './backend-ledger.js';
import { ConfigTakeover } from './config-takeover.js';
import { HealthConfig } from './health-config.js';
import { IntentBook } from './intent-book.js';
import { ProbeRounds } from './probe-rounds.js';

/**
 * What backends follow from: the effective config, and what operators want. A change takes its turn, and is marked when the
 * records that follow from it are stored. The results of probes come in beside it, see {@link ProbeRounds}.
 */
@Injectable()
export class BackendInputs {
  private readonly serial = new Serial();
  private ready = false;

  constructor(
    private readonly bus: Bus,
    private readonly config: HealthConfig,
    private readonly takeover: ConfigTakeover,
    private readonly intents: IntentBook,
    private readonly ledger: BackendLedger,
    private readonly rounds: ProbeRounds,
  ) {}

  /** Whether every backend of the config was taken over. */
  get isReady(): boolean {
    return this.ready;
  }

  /** Loads and follows; resolves when every backend is taken over. */
  async start(): Promise<void> {
    const { book } = this.config;
    await book.load();
    await book.follow((change) => this.serial.run(() => this.follow(change)));
    await this.serial.run(() => this.begin());
  }

  async stop(): Promise<void> {
    // a change that waits for NATS would keep its reader from stopping
    if (!this.bus.isUp) this.stopWriters();
    await this.config.book.stop();
    await this.rounds.close();
    this.stopWriters();
    await this.serial.idle();
    await this.ledger.close();
  }

  /** What an operator asks for, when it is its turn. Throws `not-ready`. */
  async turn<T>(work: () => Promise<T>): Promise<T> {
    if (!this.ready)
      throw new CodedError('not-ready', 'health is still catching up with its records: try again');
    return this.serial.run(work);
  }

  private stopWriters(): void {
    this.ledger.giveUp();
    this.intents.stop();
  }

  private async begin(): Promise<void> {
    await this.takeover.begin();
    this.ledger.saveCounters(() => this.rounds.isRunning);
    this.ready = true;
    this.mark(this.config.book.position);
  }

  private async follow({ changed, seq }: EffectiveChange): Promise<void> {
    if (!this.ready) return; // begin() takes over everything
    if (changed.length > 0) await this.takeover.follow(changed);
    this.mark(seq);
  }

  private mark(seq: number): void {
    const service = BALANCE_MARKS.healthConfig;
    const stream = STREAMS.activity;
    this.bus.tell({ service, stream, seq, appended: { stream, seq: this.ledger.lastSeq } });
  }
}
