import { Injectable } from '@nestjs/common';
import { Bus, getBySeq } from '@signalbox/bus';
import {
  type AnyOrder,
  type Attempted,
  CodedError,
  decodeFactRecord,
  errorBody,
  type Fact,
  factsStream,
  factTopicOf,
  formatTime,
  orderOfPlanned,
  placeOfRun,
  redactSpec,
  type RunOrder,
  type RunTrigger,
  timestampNs,
  traceparentOf,
} from '@signalbox/contracts';
import { Clock, Metrics } from '@signalbox/runtime';
import type { OpenAttempt, PlannedRun } from './domain/open-attempts.js';
import { declarationOf } from './domain/declaration.js';
import { failureOfAll } from './domain/fact-outcomes.js';
import { buildContext } from './domain/plugin-context.js';
import { buildPluginRequest } from './domain/plugin-request.js';
import { toProposedPart } from './domain/proposed-part.js';
import { ExecutionLog } from './execution-log.js';
import { PluginHost } from './plugin-host.js';
import { SiteState } from './site-state.js';

/** First and longest pause before an attempt is begun again that a server of the site held up. Milliseconds. */
const PAUSE_MS = { first: 100, longest: 5000 } as const;

/** Executes attempts of runs and records how they started and ended. */
@Injectable()
export class RunExecutor {
  private readonly runs;
  private readonly duration;
  private readonly stopping = new AbortController();

  constructor(
    private readonly bus: Bus,
    private readonly state: SiteState,
    private readonly clock: Clock,
    private readonly plugins: PluginHost,
    private readonly log: ExecutionLog,
    metrics: Metrics,
  ) {
    this.runs = metrics.counter('signalbox_plugin_runs_total', 'Attempts that ended, by outcome', [
      'plugin',
      'outcome',
    ]);
    this.duration = metrics.histogram('signalbox_plugin_run_seconds', 'Time a plugin took', ['plugin']);
  }

  /**
   * Resolves when the attempt's `ended` record is stored. A server that is away is waited for. An attempt that was started
   * before counts as lost. After a stop it resolves as well; then the records say what is left to do at the next start.
   */
  async execute(attempt: OpenAttempt): Promise<void> {
    const progress = { isStarted: attempt.isStarted };
    for (let pauseMs: number = PAUSE_MS.first, said = false; !this.stopping.signal.aborted;) {
      try {
        return await this.executeOnce(attempt.plan, progress);
      } catch (error) {
        await this.pause(pauseMs);
        pauseMs = Math.min(pauseMs * 2, PAUSE_MS.longest);
        if (said || this.stopping.signal.aborted || this.bus.outages.explain(error)) continue;
        said = true;
        const { runId } = attempt.plan;
        this.bus.log.error({ err: error, runId }, 'a run could not be executed, trying again');
      }
    }
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.log.stop();
  }

  private async executeOnce(plan: PlannedRun, progress: { isStarted: boolean }): Promise<void> {
    const order = orderOfPlanned(plan);
    if (progress.isStarted) {
      const message = 'the plugin-runner stopped while the plugin ran';
      return this.end(order, { outcome: 'lost', error: { code: 'run-lost', message } });
    }
    let ended: Attempted;
    try {
      ended = await this.attempt(order, plan, async (pluginDigest) => {
        await this.start(order, pluginDigest);
        progress.isStarted = true;
      });
    } catch (error) {
      if (!(error instanceof CodedError) || INFRASTRUCTURE.has(error.code)) throw error;
      const gone = error.code === 'retention' || error.code === 'subscription-gone';
      ended = { outcome: gone ? 'skipped' : 'failed', error: error.toBody() };
    }
    await this.end(order, ended);
  }

  /** Runs a plugin for once and tells how it went; nothing is recorded. Throws as a run that cannot begin. */
  async tryOut(order: AnyOrder, facts: readonly Fact[]): Promise<Attempted> {
    return this.attempt(order, { contents: facts }, () => Promise.resolve());
  }

  private async attempt(
    order: AnyOrder,
    { contents, config }: Pick<PlannedRun, 'contents' | 'config'>,
    onStart: (pluginDigest?: string) => Promise<void>,
  ): Promise<Attempted> {
    await this.state.reached(order.revision);
    const { spec, longestMs } = declarationOf(order, this.state.book);
    const facts = contents ?? (await this.factsOf(order));
    const { generation, replaces } = config ?? (await this.state.configFor(order.source));
    const capabilities = spec.capabilities ?? [];
    const nowMs = this.clock.now();
    const place = placeOfRun(order, 'run');
    const request = buildPluginRequest({
      plugin: order.plugin,
      ...(order.trigger === undefined ? { subscription: order.subscription } : { trigger: order.trigger }),
      facts: inOrder(facts),
      contextResources: buildContext(
        spec,
        (apiVersion, kind, name) => this.state.book.get(apiVersion, kind, name)?.resource,
        redactSpec,
      ),
      startupConfigHash: this.state.startupHash(),
      effectiveGeneration: generation,
      previousDynamicGeneration: replaces,
      nowMs,
      tag: `${order.runId}.${order.attempt}`,
      capabilities,
      ...(place && { traceparent: traceparentOf(place) }),
    });
    const { execution, result, error } = await this.plugins.execute({
      name: order.plugin,
      spec,
      request,
      nowMs,
      onStart,
    });
    this.duration.observe({ plugin: order.plugin }, execution.durationMs / 1000);
    if (error || !result) return { outcome: 'failed', execution, error: errorBody(error) };
    const { outcomes } = result;
    const failure = failureOfAll(outcomes, facts.length);
    if (failure) return { outcome: 'failed', execution, outcomes, error: failure };
    return { outcome: 'proposed', execution, outcomes, part: toProposedPart(result, longestMs) };
  }

  private async factsOf(order: AnyOrder): Promise<Fact[]> {
    return order.trigger === undefined ? this.orderedFacts(order) : this.newestFact(order.trigger);
  }

  /** The fact that an event trigger was nudged with; none for other triggers, and when it is not kept any more: the run is not about it. */
  private async newestFact({ topic, seq }: RunTrigger): Promise<Fact[]> {
    const group = factTopicOf(topic)?.group;
    if (group === undefined || seq === undefined) return [];
    const [message] = await getBySeq(this.bus, factsStream(group), [seq]);
    return message ? [decodeFactRecord(message.data).fact] : [];
  }

  private async orderedFacts(order: RunOrder): Promise<Fact[]> {
    const stored = await getBySeq(
      this.bus,
      factsStream(order.group),
      order.facts.map(({ seq }) => seq),
    );
    return stored.map((message, index) => {
      if (message) return decodeFactRecord(message.data).fact;
      throw new CodedError(
        'retention',
        `the fact ${order.facts[index]?.id} was no longer kept when the run began`,
      );
    });
  }

  private async start({ runId, attempt }: AnyOrder, pluginDigest: string | undefined): Promise<void> {
    const at = formatTime(this.clock.now());
    const digest = pluginDigest === undefined ? {} : { pluginDigest };
    await this.log.append({ type: 'started', at, runId, attempt, ...digest });
  }

  private async end(order: AnyOrder, ended: Attempted): Promise<void> {
    const at = formatTime(this.clock.now());
    let { outcome } = ended;
    try {
      await this.log.append({ type: 'ended', at, order, ...ended });
    } catch (error) {
      if (!(error instanceof CodedError && error.code === 'too-large')) throw error;
      const { execution } = ended;
      outcome = 'failed';
      await this.log.append({
        type: 'ended',
        at,
        order,
        outcome,
        ...(execution && { execution }),
        error: { code: 'result-too-large', message: `${error.message}, or propose less` },
      });
    }
    this.runs.inc({ plugin: order.plugin, outcome });
  }

  private pause(ms: number): Promise<void> {
    const { signal } = this.stopping;
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done);
    });
  }
}

/** As a plugin gets them: by time, then by id. */
function inOrder(facts: readonly Fact[]): Fact[] {
  if (facts.length < 2) return [...facts];
  return [...facts].sort((a, b) => {
    const [x, y] = [timestampNs(a.observedAt)!, timestampNs(b.observedAt)!];
    return x < y ? -1 : x > y ? 1 : a.id < b.id ? -1 : 1;
  });
}

/** Codes that say nothing about the run itself: the order is given back and comes again. */
const INFRASTRUCTURE = new Set(['nats-unavailable', 'store-unavailable', 'not-ready', 'internal']);
