import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import {
  type Alarm,
  BALANCE_API,
  BALANCE_MARKS,
  type BackendCommandRequest,
  type BackendState,
  type BackendVitals,
  CodedError,
  type CommandAnswer,
  formatTime,
  type HealthResult,
  refKey,
  STREAMS,
  SUBJECTS,
  type Watermark,
} from '@signalbox/contracts';
import { Clock, Health, Serial } from '@signalbox/runtime';
import {
  backendIntentsProjection,
  type BackendRow,
  backendsProjection,
  type EffectiveChange,
  Projector,
} from '@signalbox/store';
import { DataSource } from 'typeorm';
import { BackendRecords } from './backend-records.js';
import { counterRules } from './backend-worker.js';
import { Checker, type RestoredBackend } from './checker.js';
import { CounterCache } from './counter-cache.js';
import { backendAlarms, guardAlarm, type WatchedBackend } from './domain/alarms.js';
import { counterMax } from './domain/counter.js';
import { probeInterval } from './domain/interval.js';
import { isProbed } from './domain/machine.js';
import { HealthConfig } from './health-config.js';
import { IntentBook } from './intent-book.js';
import { ProbeRounds } from './probe-rounds.js';
import { Probers } from './probes/probers.js';
import { StateMetrics } from './state-metrics.js';

/**
 * Starts the health service: projections, what the records say, the effective config; then probes run. Config changes
 * and commands take turns under one lock.
 */
@Injectable()
export class HealthService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly config = new HealthConfig();
  private readonly serial = new Serial();
  private readonly projectors: Projector[] = [];
  private ready = false;

  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
    private readonly checker: Checker,
    private readonly records: BackendRecords,
    private readonly intents: IntentBook,
    private readonly cache: CounterCache,
    private readonly rounds: ProbeRounds,
    private readonly probers: Probers,
    private readonly stateMetrics: StateMetrics,
    private readonly clock: Clock,
    readiness: Health,
  ) {
    readiness.register('health', () => (this.ready ? undefined : 'catching up with the records'));
  }

  async onApplicationBootstrap(): Promise<void> {
    for (const projection of [backendsProjection, backendIntentsProjection])
      this.projectors.push(await Projector.start(this.bus, this.dataSource, projection));
    await Promise.all(this.projectors.map(({ caughtUp }) => caughtUp));
    await this.intents.load();
    await this.restore();
    await this.config.book.load(this.bus, this.dataSource);
    await this.config.book.follow(this.bus, (change) => this.serial.run(() => this.follow(change)));
    await this.serial.run(() => this.begin());
  }

  async onApplicationShutdown(): Promise<void> {
    await this.config.book.stop();
    await this.rounds.close();
    this.records.stop();
    await this.serial.idle();
    await this.cache.stop();
    await Promise.all(this.projectors.map((projector) => projector.stop()));
  }

  /** An operator command; names the last record that followed, if any did. */
  command(request: BackendCommandRequest): Promise<CommandAnswer> {
    this.refuseUntilReady();
    return this.serial.run(async () => {
      const seq = await this.checker.command(request);
      return seq === undefined ? {} : { seq };
    });
  }

  /** What is known of a backend beyond its records. Throws `not-found`. */
  vitals(name: string): BackendVitals {
    const worker = this.checker.backends.get(name);
    if (!worker) throw new CodedError('not-found', `there is no backend "${name}"`);
    const { machine, check, degraded, last } = worker;
    const { rise, fall } = counterRules(worker);
    const heldUntilMs = this.checker.heldUntilMs(name);
    return {
      counter: machine.counter,
      max: counterMax(counterRules(worker)),
      rise,
      fall,
      ...(degraded !== undefined && { degraded }),
      ...(last && { last }),
      ...(check && isProbed(machine.state) && { intervalMs: probeInterval(machine, check) }),
      ...(heldUntilMs !== undefined && { heldUntil: formatTime(heldUntilMs) }),
    };
  }

  alarms(): Alarm[] {
    const watched = new Map(
      [...this.checker.backends].map(
        ([name, { machine, since, result, dependsOn }]): [string, WatchedBackend] => [
          name,
          { name, state: machine.state, since, detail: `${result.code} ${result.detail}`, dependsOn },
        ],
      ),
    );
    const nowMs = this.clock.now();
    return [
      ...backendAlarms(watched, this.config.windows, nowMs),
      ...guardAlarm(this.checker.guardRaisedAtMs),
    ];
  }

  private async restore(): Promise<void> {
    const { counters, probedUntilMs } = await this.cache.load();
    const rows = await this.dataSource.query<Omit<BackendRow, 'at' | 'notedBy'>[]>(
      'select name, version, seq, state, since, address, healthcheck, result from backends',
    );
    const backends = rows.map(
      ({ name, version, seq, state, since, address, healthcheck, result }): RestoredBackend => {
        const saved = counters.get(name);
        return {
          name,
          version,
          seq,
          since,
          address,
          state: state as BackendState,
          result: JSON.parse(result) as HealthResult,
          ...(healthcheck !== null && { healthcheck }),
          ...(saved?.version === version && { counter: saved.counter }),
        };
      },
    );
    const awayMs = probedUntilMs === undefined ? Number.POSITIVE_INFINITY : this.clock.now() - probedUntilMs;
    this.checker.restore(backends, awayMs);
  }

  /** Takes over the whole config once; from now on changes only. */
  private async begin(): Promise<void> {
    this.config.readChecks();
    this.checker.setGuardPercent(this.config.settings.guardPercent);
    const configured = this.config.backends;
    const left = new Set(this.checker.unclaimed);
    for (const { name } of configured) left.delete(name);
    await Promise.all([
      ...configured.map((backend) => this.checker.configure(backend)),
      ...[...left].map((name) => this.checker.remove(name)),
    ]);
    this.stateMetrics.show(
      () => this.checker.backends.values(),
      () => this.checker.guardRaisedAtMs !== undefined,
    );
    this.cache.start(() => this.rounds.isRunning);
    this.ready = true;
    this.mark(this.config.book.position);
  }

  private async follow({ changed, seq }: EffectiveChange): Promise<void> {
    if (!this.ready) return; // begin() takes over everything
    if (changed.length > 0) await this.takeOver(new Set(changed));
    this.mark(seq);
  }

  private async takeOver(changed: ReadonlySet<string>): Promise<void> {
    const isTouched = (kind: string): boolean =>
      [...changed].some((key) => key.startsWith(`${BALANCE_API}\u0000${kind}\u0000`));
    this.checker.setGuardPercent(this.config.settings.guardPercent);
    const checks =
      isTouched('HealthCheck') || isTouched('HealthChecker') ? this.config.readChecks() : new Set<string>();
    await this.probers.keepOnly(this.config.namespaces);
    const names = new Set([...changed].flatMap((key) => backendNameOf(key) ?? []));
    if (checks.size > 0) {
      for (const { name, spec } of this.config.backends)
        if (spec.healthcheck !== undefined && checks.has(spec.healthcheck)) names.add(name);
    }
    await Promise.all(
      [...names].map((name) => {
        const configured = this.config.backend(name);
        return configured ? this.checker.configure(configured) : this.checker.remove(name);
      }),
    );
  }

  private mark(seq: number): void {
    const service = BALANCE_MARKS.healthConfig;
    const stream = STREAMS.activity;
    const mark: Watermark = { service, stream, seq, appended: { stream, seq: this.records.lastSeq } };
    this.bus.tell(SUBJECTS.watermark(service), mark);
  }

  private refuseUntilReady(): void {
    if (!this.ready)
      throw new CodedError('not-ready', 'health is still catching up with its records: try again');
  }
}

/** The name of a backend from the key of its resource. */
function backendNameOf(key: string): string[] | undefined {
  const prefix = refKey({ apiVersion: BALANCE_API, kind: 'Backend', project: 'default', name: '' });
  return key.startsWith(prefix) ? [key.slice(prefix.length)] : undefined;
}
