import { Injectable } from '@nestjs/common';
import {
  type BackendCommandRequest,
  type BackendSpec,
  type BackendState,
  CodedError,
  type Endpoint,
  endpointOf,
  type HealthResult,
  isSameEndpoint,
} from '@signalbox/contracts';
import { BackendLedger } from './backend-ledger.js';
import { type BackendWorker, counterRules } from './backend-worker.js';
import type { Check } from './domain/check.js';
import { intentOf, noteOf, wantedOf } from './domain/intent.js';
import { commandEffect, isProbed } from './domain/machine.js';
import { type Desired, reconcile, type Standing } from './domain/reconcile.js';
import { restoreMachine, type Stored } from './domain/restore.js';
import { IntentBook } from './intent-book.js';
import { ProbeMetrics } from './probe-metrics.js';
import { ProbeRounds } from './probe-rounds.js';
import { Verdicts } from './verdicts.js';

/** A backend of the config with the check that it names. Its name, and those in its spec, are scoped. */
export interface ConfiguredBackend {
  readonly name: string;
  readonly spec: BackendSpec;
  /** Absent for static backends. */
  readonly check?: Check;
}

/** A backend as its records left it, for {@link Checker.restore}. */
export interface RestoredBackend extends Stored {
  readonly name: string;
  readonly endpoint: Endpoint;
  readonly healthcheck?: string;
  readonly version: number;
  readonly seq: number;
  readonly since: string;
  readonly result: HealthResult;
}

/**
 * The backends of the site. Config changes and operator commands come in here, taking turns (the caller sees to it), and
 * resolve when the records that follow from them are stored. Results go to {@link Verdicts}.
 */
@Injectable()
export class Checker {
  private readonly workers = new Map<string, BackendWorker>();
  /** Backends that records know as present and nobody has configured yet. */
  private readonly restored = new Map<string, RestoredBackend>();
  private awayMs = 0;

  constructor(
    private readonly ledger: BackendLedger,
    private readonly verdicts: Verdicts,
    private readonly intents: IntentBook,
    private readonly rounds: ProbeRounds,
    private readonly metrics: ProbeMetrics,
  ) {}

  /** All backends of the config. */
  get backends(): ReadonlyMap<string, BackendWorker> {
    return this.workers;
  }

  /** What the records say, before the config is known; `awayMs` is how long nothing was probed. */
  restore(backends: readonly RestoredBackend[], awayMs: number): void {
    this.awayMs = awayMs;
    for (const backend of backends) {
      this.ledger.resume(backend.name, backend.version, backend.seq);
      if (backend.state !== 'removed') this.restored.set(backend.name, backend);
    }
  }

  /** Names that records know as present and nobody has configured yet. */
  get unclaimed(): string[] {
    return [...this.restored.keys()];
  }

  /** Brings one backend to what config and operators want; the last record that this took, if any. */
  async configure(configured: ConfiguredBackend): Promise<number | undefined> {
    const { name, spec, check } = configured;
    // never taken for static, which would be up: without its check nothing is known about it
    if (spec.healthcheck !== undefined && !check) return undefined;
    await this.intents.supersede(name, spec.enabled ?? true);
    const live = this.workers.get(name);
    const standing = live ? standingOf(live) : this.restoredStanding(configured);
    const desired = desiredOf(configured, wantedOf(this.intents.of(name), spec.enabled ?? true));
    const steps = reconcile(standing, desired);

    const worker = live ?? this.blankWorker(name);
    this.workers.set(name, worker);
    this.restored.delete(name);
    worker.machine = standing?.machine ?? worker.machine;
    const endpoint = endpointOf(spec);
    if (!isSameEndpoint(worker.endpoint, endpoint) || worker.check?.question !== check?.question) {
      delete worker.last;
      delete worker.degraded;
    }
    worker.endpoint = endpoint;
    worker.configEnabled = spec.enabled ?? true;
    worker.dependsOn = spec.dependsOn ?? [];
    if (check) worker.check = check;
    else delete worker.check;

    const goesOn = live !== undefined && steps.length === 0;
    if (!goesOn) this.halt(worker);
    const stored = steps.map(({ machine, from, code }) => {
      worker.machine = machine;
      const result = { ok: machine.state === 'up', code, detail: DETAILS[code] ?? code };
      return this.ledger.record(worker, from, result, noteOf(this.intents.of(name), code));
    });
    if (!goesOn) this.run(worker, steps.length === 0);
    if (!live && !worker.machine.verified) this.ledger.noteCounter(worker);
    return (await Promise.all(stored)).at(-1);
  }

  /** The state in which a backend would be at once under a configuration. Records nothing. */
  stateUnder(configured: ConfiguredBackend): BackendState | undefined {
    const { name, spec, check } = configured;
    const live = this.workers.get(name);
    if (spec.healthcheck !== undefined && !check) return live?.machine.state;
    const wanted = wantedOf(this.intents.of(name), spec.enabled ?? true);
    const steps = reconcile(live && standingOf(live), desiredOf(configured, wanted));
    return steps.at(-1)?.machine.state ?? live?.machine.state;
  }

  /** A backend that left the config. */
  async remove(name: string): Promise<void> {
    const restored = this.restored.get(name);
    const worker =
      this.workers.get(name) ?? (restored && { ...this.blankWorker(name), ...restoredParts(restored) });
    if (!worker) return;
    this.halt(worker);
    this.workers.delete(name);
    this.restored.delete(name);
    this.verdicts.forget(worker);
    const from = worker.machine.state;
    worker.machine = { ...worker.machine, state: 'removed' };
    const stored = this.ledger.record(worker, from, {
      ok: false,
      code: 'removed',
      detail: DETAILS['removed'] ?? '',
    });
    this.metrics.forget(name);
    await stored;
  }

  /**
   * An operator command: what is wanted goes to the journal, what follows from it to the records. The last record that
   * followed, undefined when it was so already. Throws `not-found`, `wrong-state` (R1).
   */
  async command({
    backend: name,
    command,
    author,
    reason,
    from,
  }: BackendCommandRequest): Promise<number | undefined> {
    const worker = this.workers.get(name);
    if (!worker) throw new CodedError('not-found', `there is no backend "${name}"`);
    const { configEnabled } = worker;
    const wanted = wantedOf(this.intents.of(name), configEnabled);
    const isChange = commandEffect(worker.machine.state, command) !== undefined;
    if (!isChange && (command === 'enable' || wanted === intentOf(command))) return undefined;
    await this.intents.append({
      backend: name,
      intent: intentOf(command),
      configEnabled,
      author,
      ...(reason !== undefined && { reason }),
      ...(from && { from }),
    });
    return this.configure(configuredOf(worker));
  }

  private restoredStanding({ name, check }: ConfiguredBackend): Standing | undefined {
    const restored = this.restored.get(name);
    if (!restored) return undefined;
    const rules = counterRules(check ? { check } : {});
    const machine = restoreMachine(restored, rules, this.awayMs, check?.intervalMs ?? this.awayMs);
    const { endpoint, healthcheck } = restored;
    return { machine, endpoint, ...(healthcheck !== undefined && { healthcheck }) };
  }

  private blankWorker(name: string): BackendWorker {
    const restored = this.restored.get(name);
    return {
      name,
      machine: { state: 'unknown', counter: 0, verified: true },
      endpoint: { address: '' },
      configEnabled: true,
      dependsOn: [],
      version: this.ledger.versionOf(name),
      since: restored?.since ?? '',
      result: restored?.result ?? { ok: false, code: 'started', detail: '' },
      epoch: 0,
    };
  }

  /** Nothing leaves for the backend any more, and what is on its way is too late (R12). */
  private halt(worker: BackendWorker): void {
    worker.epoch += 1;
    this.rounds.stop(worker.name);
  }

  /** `isKnown`: its state is trusted, so its first probe may come any time within an interval. */
  private run(worker: BackendWorker, isKnown: boolean): void {
    const { epoch, check } = worker;
    if (!check || !isProbed(worker.machine.state)) {
      this.verdicts.forget(worker);
      return;
    }
    this.verdicts.expect(worker);
    this.rounds.start(worker, check, isKnown && worker.machine.verified, (result) => {
      if (worker.epoch === epoch) this.verdicts.take(worker, check, result);
      else this.metrics.dropped();
    });
  }
}

/** What people read about changes that no probe made. */
const DETAILS: Readonly<Record<string, string>> = {
  started: 'in the config',
  static: 'no health check: up without probes',
  paused: 'probes stopped, no new traffic',
  resumed: 'probes go on',
  disabled: 'taken out of service',
  enabled: 'back in service',
  'address-changed': 'the config names another address or port',
  'check-changed': 'the config changed its check',
  removed: 'not in the config any more',
};

/** What a backend that is to be removed needs of its records. */
function restoredParts({ endpoint, state }: RestoredBackend): Pick<BackendWorker, 'endpoint' | 'machine'> {
  return { endpoint, machine: { state, counter: 0, verified: true } };
}

function standingOf({ machine, endpoint, check }: BackendWorker): Standing {
  return { machine, endpoint, ...(check && checkOf(check)) };
}

function checkOf({
  name,
  digest,
  question,
}: Check): Pick<Standing, 'healthcheck' | 'checkDigest' | 'question'> {
  return { healthcheck: name, checkDigest: digest, question };
}

function desiredOf({ spec, check }: ConfiguredBackend, wanted: Desired['wanted']): Desired {
  return {
    endpoint: endpointOf(spec),
    counter: counterRules(check ? { check } : {}),
    wanted,
    ...(check && checkOf(check)),
  };
}

function configuredOf({ name, endpoint, configEnabled, dependsOn, check }: BackendWorker): ConfiguredBackend {
  return { name, spec: { ...endpoint, enabled: configEnabled, dependsOn }, ...(check && { check }) };
}
