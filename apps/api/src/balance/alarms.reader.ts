import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import {
  type Alarm,
  ALARM_SERVICES,
  type AlarmService,
  type BalancerAlarmsAnswer,
  CodedError,
  formatTime,
  type NodeAlarmsAnswer,
  SUBJECTS,
} from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import { StorageSampler } from '../storage/storage.sampler.js';

/** How long a service may take to tell its alarms. Milliseconds. */
const ASK_MS = 1000;

/** What one service told; of the agents one answer for each node. */
interface Told {
  readonly service: AlarmService;
  readonly answers: readonly AlarmsAnswer[];
}

type AlarmsAnswer = { readonly alarms: readonly Alarm[] } & Partial<
  Pick<BalancerAlarmsAnswer, 'nodes'> & Pick<NodeAlarmsAnswer, 'node'>
>;

/** What is wrong now, as the services see it. */
@Injectable()
export class AlarmsReader {
  /** Who did not answer when it was asked last, as `<kind of the alarm>/<name>`, with the time since when. */
  private silent = new Map<string, string>();

  constructor(
    private readonly bus: Bus,
    private readonly clock: Clock,
    private readonly storage: StorageSampler,
  ) {}

  /** As {@link survey}. Throws `not-ready` when no service answers. */
  async list(): Promise<Alarm[]> {
    const told = await this.ask();
    if (told.some(({ answers }) => answers.length > 0)) return this.alarmsOf(told);
    throw new CodedError(
      'not-ready',
      `none of ${ALARM_SERVICES.join(', ')} answers: see whether they run and are ready`,
    );
  }

  /** By kind, then name. Who does not answer hides no other: it is an alarm itself. */
  async survey(): Promise<Alarm[]> {
    return this.alarmsOf(await this.ask());
  }

  private async ask(): Promise<Told[]> {
    const told = await Promise.all(
      ALARM_SERVICES.map(async (service) => ({ service, answers: await this.answersOf(service) })),
    );
    // an agent may be farther away than those whose answers came first
    const late = await Promise.all(
      missingNodes(told).map((node) => this.answerOf(SUBJECTS.askNode(node, 'alarms'))),
    );
    return told.map(({ service, answers }) =>
      service === 'dataplane-agent'
        ? { service, answers: [...answers, ...late.flat()] }
        : { service, answers },
    );
  }

  private async answersOf(service: AlarmService): Promise<readonly AlarmsAnswer[]> {
    const subject = SUBJECTS.ask(service, 'alarms');
    // there is an agent on each load-balancing node, and all of them are asked
    if (service === 'dataplane-agent') return this.bus.askAll<NodeAlarmsAnswer>(subject, {}, ASK_MS);
    return this.answerOf(subject);
  }

  private async answerOf(subject: string): Promise<readonly AlarmsAnswer[]> {
    try {
      const answer = await this.bus.ask<AlarmsAnswer>(subject, {}, ASK_MS);
      return answer ? [answer] : [];
    } catch (error) {
      if (error instanceof CodedError) return [];
      throw error;
    }
  }

  private alarmsOf(told: readonly Told[]): Alarm[] {
    const answers = told.flatMap((one) => one.answers);
    const silences = this.silences(told);
    this.silent = new Map(silences.map((alarm) => [silenceKey(alarm), alarm.since]));
    const alarms = [
      ...answers.flatMap((answer) => answer.alarms),
      ...silences,
      ...this.storage.alarms(),
    ].sort((a, b) => order(a.kind, b.kind) || order(a.name, b.name) || order(a.since, b.since));
    return alarms.filter((alarm, at) => !saysTheSame(alarms[at - 1], alarm));
  }

  private silences(told: readonly Told[]): Alarm[] {
    const services = told.filter((one) => one.answers.length === 0).map(({ service }) => service);
    return [
      ...services.map((name) =>
        this.silence(
          'service-silent',
          name,
          `${name} does not say what is wrong: see whether it runs and is ready`,
        ),
      ),
      ...missingNodes(told).map((name) =>
        this.silence(
          'node-silent',
          name,
          `the agent of node ${name} does not answer, and no change reaches it: see whether it runs and is connected to NATS`,
        ),
      ),
    ];
  }

  private silence(kind: Alarm['kind'], name: string, text: string): Alarm {
    const since = this.silent.get(silenceKey({ kind, name })) ?? formatTime(this.clock.now());
    return { kind, name, reason: 'not-ready', since, text };
  }
}

/** Nodes that `balancer` gave listeners to, and that did not answer. */
function missingNodes(told: readonly Told[]): string[] {
  const answers = told.flatMap((one) => one.answers);
  const heard = new Set(answers.map(({ node }) => node));
  return answers.flatMap(({ nodes = [] }) => nodes).filter((node) => !heard.has(node));
}

function silenceKey({ kind, name }: Pick<Alarm, 'kind' | 'name'>): string {
  return `${kind}/${name}`;
}

/** What NATS does not store, several services may have noticed. */
function saysTheSame(before: Alarm | undefined, { kind, name }: Alarm): boolean {
  return kind === 'storage-refused' && before?.kind === kind && before.name === name;
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
