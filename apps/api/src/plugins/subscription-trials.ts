import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import {
  CodedError,
  type Fact,
  goDurationMs,
  PLUGIN_API,
  type PluginSpec,
  type RunOrder,
  SUBJECTS,
  TRIAL_LIMITS,
  type TryFactsAnswer,
  type TryFactsRequest,
  type TryOrderAnswer,
  type TryOrderRequest,
  type TryPartAnswer,
  type TryPartRequest,
} from '@signalbox/contracts';
import { OperatorResources } from '../operator-resources.js';
import type { SubscriptionTestDto, TriedRunDto } from './subscription-trials.dto.js';

/** What an answer may take, beside the run of a plugin, and all runs together. Milliseconds. */
const ANSWER_MS = 5000;
const LONGEST_MS = 120_000;
/** As `spec.timeout` of a Plugin that says none. */
const DEFAULT_TIMEOUT = '10s';

/** Takes facts the way of a run without recording anything: matcher, plugin-runner, renderer, each asked for its own decision. */
@Injectable()
export class SubscriptionTrials {
  constructor(
    private readonly bus: Bus,
    private readonly resources: OperatorResources,
  ) {}

  /** Throws `not-found`, `bad-grammar`, `too-large` for more runs than {@link TRIAL_LIMITS}, `not-ready` when a service is away. */
  async test(subscription: string, events: readonly unknown[]): Promise<SubscriptionTestDto> {
    const asked: TryFactsRequest = { subscription, events };
    const matching = await this.ask<TryFactsAnswer>('matcher', SUBJECTS.ask('matcher', 'try-facts'), asked);
    const { tried, facts, orders, waiting } = matching;
    if (orders.length > TRIAL_LIMITS.runs)
      throw new CodedError(
        'too-large',
        `these facts start ${orders.length} runs, at most ${TRIAL_LIMITS.runs} are tried: give fewer`,
      );
    const giveUpMs = performance.now() + LONGEST_MS;
    const runs: TriedRunDto[] = [];
    for (const order of orders) runs.push(await this.run(order, facts, giveUpMs));
    return { facts: tried, runs, ...(waiting && { waiting }) };
  }

  private async run(order: RunOrder, all: readonly Fact[], giveUpMs: number): Promise<TriedRunDto> {
    const facts = order.facts.map(({ seq }) => all[seq - 1]!);
    const asked: TryOrderRequest = { order, facts };
    const waitMs = Math.min(ANSWER_MS + this.timeoutOf(order.plugin), giveUpMs - performance.now());
    const subject = SUBJECTS.command('plugin-runner', 'try');
    const { attempted } = await this.ask<TryOrderAnswer>('plugin-runner', subject, asked, waitMs);
    const { execution, outcomes = [], part, error } = attempted;
    const run = {
      facts: facts.map(({ id }) => id),
      durationMs: execution?.durationMs ?? 0,
      outcomes,
      ...(execution?.stderr !== undefined && { stderr: execution.stderr }),
    };
    if (!part) return { ...run, state: 'failed', resources: [], ...(error && { error }) };
    const proposal: TryPartRequest = { order, outcomes, part };
    const verdict = await this.ask<TryPartAnswer>('renderer', SUBJECTS.ask('renderer', 'try-part'), proposal);
    const { expiresAt } = part;
    return 'rejected' in verdict
      ? { ...run, state: 'rejected', resources: part.resources, expiresAt, error: verdict.rejected }
      : { ...run, state: 'succeeded', resources: verdict.resources, expiresAt };
  }

  private timeoutOf(plugin: string): number {
    const declared = this.resources
      .all(PLUGIN_API, 'Plugin')
      .find(({ metadata }) => metadata.name === plugin);
    const { timeout = DEFAULT_TIMEOUT } = (declared?.spec ?? {}) as Partial<PluginSpec>;
    return goDurationMs(timeout);
  }

  private async ask<T>(service: string, subject: string, body: unknown, waitMs = ANSWER_MS): Promise<T> {
    const answer = waitMs > 0 ? await this.bus.ask<T>(subject, body, waitMs) : undefined;
    if (answer !== undefined) return answer;
    throw new CodedError('not-ready', `${service} does not answer in time: see whether it runs and is ready`);
  }
}
