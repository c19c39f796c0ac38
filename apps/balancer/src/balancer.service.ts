import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import {
  type Alarm,
  BALANCE_MARKS,
  CodedError,
  type CommandAnswer,
  coveringWindow,
  formatTime,
  type FrontendState,
  type FrontendTarget,
  type ResourceRef,
  STREAMS,
  timestampMs,
  type Watermark,
  type WeightRequest,
} from '@signalbox/contracts';
import { Clock, Health, Serial } from '@signalbox/runtime';
import {
  FrontendRow,
  frontendsProjection,
  FrontendTargetRow,
  Projector,
  targetOfRow,
  weightOverridesProjection,
} from '@signalbox/store';
import { DataSource } from 'typeorm';
import { BackendStates } from './backend-states.js';
import { targetKey } from './domain/frontend-changes.js';
import { FrontendBook } from './frontend-book.js';
import { FrontendMetrics } from './frontend-metrics.js';
import { FrontendRecords } from './frontend-records.js';
import { Weighing } from './weighing.js';
import { WeightOverrides } from './weight-overrides.js';

/**
 * Starts the balancer: its projections, what operators set, the states of the backends, the effective config; then it
 * decides every frontend once, and again when something it depends on changes. Inputs take turns under one lock.
 */
@Injectable()
export class BalancerService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly frontends = new FrontendBook();
  private readonly serial = new Serial();
  private readonly projectors: Projector[] = [];
  private ready = false;

  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
    private readonly states: BackendStates,
    private readonly overrides: WeightOverrides,
    private readonly weighing: Weighing,
    private readonly records: FrontendRecords,
    private readonly metrics: FrontendMetrics,
    private readonly clock: Clock,
    readiness: Health,
  ) {
    readiness.register('balancer', () => (this.ready ? undefined : 'catching up with the records'));
  }

  async onApplicationBootstrap(): Promise<void> {
    for (const projection of [frontendsProjection, weightOverridesProjection])
      this.projectors.push(await Projector.start(this.bus, this.dataSource, projection));
    await Promise.all(this.projectors.map(({ caughtUp }) => caughtUp));
    await this.restore();
    await this.overrides.load();
    await this.states.start((backends, seq) => this.serial.run(() => this.followBackends(backends, seq)));
    const { book } = this.frontends;
    await book.load(this.bus, this.dataSource);
    await book.follow(this.bus, ({ changed, seq }) => this.serial.run(() => this.followConfig(changed, seq)));
    await this.serial.run(() => this.begin());
  }

  async onApplicationShutdown(): Promise<void> {
    // a change that waits for NATS would keep its reader from stopping
    if (!this.bus.isUp) this.stopWriters();
    await this.frontends.book.stop();
    await this.states.stop();
    this.weighing.stop();
    this.stopWriters();
    await this.serial.idle();
    await Promise.all(this.projectors.map((projector) => projector.stop()));
  }

  /** Sets a weight or gives it back to the config; names the last record that followed, if any did. */
  setWeight(request: WeightRequest): Promise<CommandAnswer> {
    if (!this.ready)
      throw new CodedError('not-ready', 'balancer is still catching up with its records: try again');
    return this.serial.run(async () => {
      const { frontend, pool, backend, weight, author, reason, expiresAt } = request;
      this.refuseUnknown(request);
      const place = { frontend, pool, backend, author, at: formatTime(this.clock.now()) };
      const why = reason === undefined ? {} : { reason };
      if (weight === null) await this.overrides.append({ type: 'cleared', ...place, ...why });
      else
        await this.overrides.append({
          type: 'set',
          ...place,
          weight,
          ...why,
          ...(expiresAt !== undefined && { expiresAt }),
        });
      const before = this.records.lastSeq;
      await this.weighing.decide([frontend]);
      const seq = this.records.lastSeq;
      return seq > before ? { seq } : {};
    });
  }

  alarms(): Alarm[] {
    const { windows } = this.frontends;
    return [...this.weighing.present]
      .filter(([, { state }]) => state === 'down')
      .map(([name, { since }]): Alarm => {
        const silencedBy = coveringWindow('frontends', name, windows, this.clock.now());
        const text = `frontend ${name} has no backend with an effective weight`;
        return { kind: 'frontend-down', name, since, text, ...(silencedBy && { silencedBy }) };
      });
  }

  private stopWriters(): void {
    this.records.stop();
    this.overrides.stop();
  }

  /** Every frontend as its records left it: what was decided last is where deciding goes on (R8). */
  private async restore(): Promise<void> {
    const frontends = await this.dataSource.getRepository(FrontendRow).find();
    const targets = new Map(frontends.map(({ name }) => [name, new Map<string, FrontendTarget>()]));
    for (const row of await this.dataSource.getRepository(FrontendTargetRow).find()) {
      const target = targetOfRow(row);
      targets.get(row.frontend)?.set(targetKey(target.pool, target.backend), target);
    }
    for (const { name, version, seq, state, since, activePool } of frontends) {
      const memory = { state: state as FrontendState, activePool, targets: targets.get(name) ?? new Map() };
      this.weighing.restore(name, { version, since, memory });
      this.records.resume(name, seq);
    }
  }

  private async begin(): Promise<void> {
    const names = this.frontends.readAll();
    this.weighing.begin(this.frontends);
    await this.weighing.decide(new Set([...names, ...this.weighing.present.keys()]));
    this.metrics.show(this.weighing, this.frontends);
    this.ready = true;
    this.mark(BALANCE_MARKS.balancerConfig, this.frontends.book.position);
    this.mark(BALANCE_MARKS.balancerBackends, this.states.position);
  }

  private async followConfig(changed: readonly ResourceRef[], seq: number): Promise<void> {
    if (!this.ready) return; // begin() takes over everything
    await this.weighing.decide(this.frontends.follow(changed));
    this.frontends.settled();
    this.mark(BALANCE_MARKS.balancerConfig, seq);
  }

  private async followBackends(backends: ReadonlySet<string>, seq: number): Promise<void> {
    if (!this.ready) return;
    const touched = new Set([...backends].flatMap((backend) => [...this.frontends.usersOf(backend)]));
    await this.weighing.decide(touched);
    this.mark(BALANCE_MARKS.balancerBackends, seq);
  }

  private mark(service: string, seq: number): void {
    const stream = STREAMS.activity;
    const mark: Watermark = { service, stream, seq, appended: { stream, seq: this.records.lastSeq } };
    this.bus.tell(mark);
  }

  private refuseUnknown({ frontend, pool, backend, expiresAt }: WeightRequest): void {
    const isMember = this.frontends.hasMember(frontend, pool, backend);
    if (isMember === undefined) throw new CodedError('not-found', `there is no frontend "${frontend}"`);
    if (!isMember)
      throw new CodedError(
        'not-found',
        `frontend ${frontend} has no backend "${backend}" in a pool "${pool}"`,
      );
    if (expiresAt !== undefined && timestampMs(expiresAt) <= this.clock.now())
      throw new CodedError('validation-failed', '/expiresAt lies in the past');
  }
}
