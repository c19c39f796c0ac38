import { Injectable } from '@nestjs/common';
import {
  type Alarm,
  type BackendVitals,
  CodedError,
  formatTime,
  type HealthPlan,
  type HealthPlanQuestion,
} from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import { counterRules } from './backend-worker.js';
import { Checker } from './checker.js';
import { backendAlarms, guardAlarm, type WatchedBackend } from './domain/alarms.js';
import { counterMax } from './domain/counter.js';
import { probeInterval } from './domain/interval.js';
import { isProbed } from './domain/machine.js';
import { HealthConfig } from './health-config.js';
import { Shortages } from './shortages.js';
import { Verdicts } from './verdicts.js';

/** What is known of backends beyond their records. */
@Injectable()
export class BackendReports {
  constructor(
    private readonly checker: Checker,
    private readonly verdicts: Verdicts,
    private readonly shortages: Shortages,
    private readonly config: HealthConfig,
    private readonly clock: Clock,
  ) {}

  /** What is known of a backend beyond its records. Throws `not-found`. */
  vitals(name: string): BackendVitals {
    const worker = this.checker.backends.get(name);
    if (!worker) throw new CodedError('not-found', `there is no backend "${name}"`);
    const { machine, check, degraded, last } = worker;
    const { rise, fall } = counterRules(worker);
    const heldUntilMs = this.verdicts.heldUntilMs(name);
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

  /** The states that backends would be in at once after changes of the config. Changes nothing. */
  plan({ changes }: HealthPlanQuestion): HealthPlan {
    const states = this.config.after(changes).flatMap((configured) => {
      const state = this.checker.stateUnder(configured);
      return state === undefined ? [] : { backend: configured.name, state };
    });
    return { states };
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
      ...guardAlarm(this.verdicts.guardRaisedAtMs),
      ...this.shortages.alarms,
    ];
  }
}
