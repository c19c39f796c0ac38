import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import { BALANCE_MARKS, CodedError, type PartRecord, type ResourceRef, STREAMS } from '@signalbox/contracts';
import { Serial } from '@signalbox/runtime';
import { BackendStates } from './backend-states.js';
import { FrontendBook } from './frontend-book.js';
import { FrontendRecords } from './frontend-records.js';
import { Weighing } from './weighing.js';
import { WeightOverrides } from './weight-overrides.js';

/** Told that the config changed, and every frontend that it is about was decided: which these are, and what changed. */
export type ConfigListener = (frontends: ReadonlySet<string>, changed: readonly ResourceRef[]) => void;

/**
 * What frontends follow from: the effective config, the states of the backends, and the weights that operators set. A change of
 * any of them takes its turn, and is marked when the records that follow from it are stored.
 */
@Injectable()
export class FrontendInputs {
  private readonly serial = new Serial();
  private ready = false;
  private readonly listeners: ConfigListener[] = [];
  private tellPart: (record: PartRecord) => void = () => undefined;

  constructor(
    private readonly bus: Bus,
    private readonly frontends: FrontendBook,
    private readonly states: BackendStates,
    private readonly overrides: WeightOverrides,
    private readonly weighing: Weighing,
    private readonly records: FrontendRecords,
  ) {}

  /** Whether all of them are known, and every frontend was decided with them once. */
  get isReady(): boolean {
    return this.ready;
  }

  /** Calls `listener` for every change of the config after the first, when the records that follow from it are stored. */
  onConfig(listener: ConfigListener): void {
    this.listeners.push(listener);
  }

  /** Calls `listener` with what became of the parts of BackendSources. */
  onPart(listener: (record: PartRecord) => void): void {
    this.tellPart = listener;
  }

  /** Loads and follows; resolves when every frontend is decided. */
  async start(): Promise<void> {
    await this.overrides.load();
    await this.frontends.vips.load();
    this.frontends.vips.onDue(() => void this.serial.run(() => this.followVips()).catch(() => undefined));
    await this.states.start((backends, seq) => this.serial.run(() => this.followBackends(backends, seq)));
    const { book } = this.frontends;
    await book.load();
    await book.follow(
      ({ changed, seq }) => this.serial.run(() => this.followConfig(changed, seq)),
      (record) => this.tellPart(record),
    );
    await this.serial.run(() => this.begin());
  }

  async stop(): Promise<void> {
    // a change that waits for NATS would keep its reader from stopping
    if (!this.bus.isUp) await this.stopWriters();
    await this.frontends.book.stop();
    await this.states.stop();
    this.weighing.stop();
    await this.stopWriters();
    await this.serial.idle();
  }

  /** What an operator asks for, when it is its turn. Throws `not-ready`. */
  async turn<T>(work: () => Promise<T>): Promise<T> {
    if (!this.ready)
      throw new CodedError('not-ready', 'balancer is still catching up with its records: try again');
    return this.serial.run(work);
  }

  private async stopWriters(): Promise<void> {
    this.records.stop();
    this.overrides.stop();
    await this.frontends.vips.stop();
  }

  private async begin(): Promise<void> {
    // a listener without its address is nowhere
    await this.frontends.vips.begin(this.frontends.book);
    const names = this.frontends.readAll();
    await this.weighing.decide(new Set([...names, ...this.weighing.present.keys()]));
    this.ready = true;
    this.mark(BALANCE_MARKS.balancerConfig, this.frontends.book.position);
    this.mark(BALANCE_MARKS.balancerBackends, this.states.position);
  }

  private async followConfig(changed: readonly ResourceRef[], seq: number): Promise<void> {
    if (!this.ready) return; // begin() takes over everything
    await this.decide([...changed, ...(await this.frontends.vips.follow(changed))]);
    this.mark(BALANCE_MARKS.balancerConfig, seq);
  }

  private async followVips(): Promise<void> {
    if (this.ready) await this.decide(await this.frontends.vips.due());
  }

  private async decide(changed: readonly ResourceRef[]): Promise<void> {
    const touched = this.frontends.follow(changed);
    await this.weighing.decide(touched);
    this.frontends.settled();
    for (const tell of this.listeners) tell(touched, changed);
  }

  private async followBackends(backends: ReadonlySet<string>, seq: number): Promise<void> {
    if (!this.ready) return;
    const touched = new Set([...backends].flatMap((backend) => [...this.frontends.usersOf(backend)]));
    await this.weighing.decide(touched);
    this.mark(BALANCE_MARKS.balancerBackends, seq);
  }

  private mark(service: string, seq: number): void {
    const stream = STREAMS.activity;
    const appended = { stream, seq: this.records.lastSeq, vips: this.frontends.vips.lastSeq };
    this.bus.tell({ service, stream, seq, appended });
  }
}
