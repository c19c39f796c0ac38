import { Injectable } from '@nestjs/common';
import { Bus, getBySeq } from '@signalbox/bus';
import {
  CodedError,
  decodeFactRecord,
  errorBody,
  type EventSubscriptionSpec,
  type Fact,
  factsStream,
  FEDERATION_API,
  formatTime,
  PLUGIN_API,
  type PluginSpec,
  redactSpec,
  type RunOrder,
  type RunRecord,
  SUBJECTS,
  subscriptionOwner,
  timestampNs,
} from '@signalbox/contracts';
import { Clock, Metrics } from '@signalbox/runtime';
import { buildContext } from './domain/plugin-context.js';
import { buildPluginRequest } from './domain/plugin-request.js';
import { toProposedPart } from './domain/proposed-part.js';
import { PluginHost } from './plugin-host.js';
import { RunHistory } from './run-history.js';
import { SiteState } from './site-state.js';

type Ended = Extract<RunRecord, { type: 'ended' }>;

/** Executes one attempt of a run and records how it started and ended. */
@Injectable()
export class RunExecutor {
  private readonly runs;
  private readonly duration;
  /** Attempts in work: an order that comes again meanwhile is the same work. */
  private readonly inWork = new Map<string, Promise<void>>();

  constructor(
    private readonly bus: Bus,
    private readonly state: SiteState,
    private readonly history: RunHistory,
    private readonly clock: Clock,
    private readonly plugins: PluginHost,
    metrics: Metrics,
  ) {
    this.runs = metrics.counter('signalbox_plugin_runs_total', 'Attempts that ended, by outcome', [
      'plugin',
      'outcome',
    ]);
    this.duration = metrics.histogram('signalbox_plugin_run_seconds', 'Time a plugin took', ['plugin']);
  }

  /**
   * Resolves when the attempt's `ended` record is durable. Throws only on infrastructure faults: the order comes
   * again and what the records say decides (an attempt that had started counts as lost).
   */
  execute(order: RunOrder, redelivered: boolean): Promise<void> {
    const key = `${order.runId}.${order.attempt}`;
    const running = this.inWork.get(key);
    if (running) return running;
    const work = this.executeOnce(order, redelivered).finally(() => this.inWork.delete(key));
    this.inWork.set(key, work);
    return work;
  }

  private async executeOnce(order: RunOrder, redelivered: boolean): Promise<void> {
    if (redelivered) {
      const state = await this.history.stateOf(order);
      if (state === 'ended') return;
      if (state === 'started') {
        const message = 'the plugin-runner stopped while the plugin ran';
        return this.end(order, { outcome: 'lost', error: { code: 'run-lost', message } });
      }
    }
    let ended: Omit<Ended, 'type' | 'at' | 'order'>;
    try {
      ended = await this.attempt(order);
    } catch (error) {
      if (!(error instanceof CodedError) || INFRASTRUCTURE.has(error.code)) throw error;
      const gone = error.code === 'facts-pruned' || error.code === 'subscription-gone';
      ended = { outcome: gone ? 'skipped' : 'failed', error: error.toBody() };
    }
    await this.end(order, ended);
  }

  private async attempt(order: RunOrder): Promise<Omit<Ended, 'type' | 'at' | 'order'>> {
    const subscription = this.state.book.get(FEDERATION_API, 'EventSubscription', order.subscription);
    if (!subscription)
      throw new CodedError('subscription-gone', `EventSubscription/${order.subscription} was deleted`);
    const declared = this.state.book.get(PLUGIN_API, 'Plugin', order.plugin);
    if (!declared) throw new CodedError('plugin-missing', `Plugin/${order.plugin} is not declared: apply it`);
    const { trigger } = subscription.resource.spec as unknown as EventSubscriptionSpec;
    if (trigger.pluginRef !== order.plugin) {
      throw new CodedError(
        'subscription-gone',
        `EventSubscription/${order.subscription} now names Plugin/${trigger.pluginRef}`,
      );
    }
    const spec = declared.resource.spec as unknown as PluginSpec;
    const facts = await this.factsOf(order);
    const counters = await this.state.counters(order.source);
    const capabilities = spec.capabilities ?? [];
    const nowMs = this.clock.now();
    const request = buildPluginRequest({
      plugin: order.plugin,
      subscription: order.subscription,
      facts,
      contextResources: buildContext(
        spec,
        (apiVersion, kind, name) => this.state.book.get(apiVersion, kind, name)?.resource,
        redactSpec,
      ),
      ...counters,
      nowMs,
      tag: `${order.runId}.${order.attempt}`,
      capabilities,
    });
    const { execution, result, error } = await this.plugins.execute({
      name: order.plugin,
      spec,
      request,
      nowMs,
      onStart: (pluginDigest) => this.start(order, pluginDigest),
    });
    this.duration.observe({ plugin: order.plugin }, execution.durationMs / 1000);
    if (error || !result) return { outcome: 'failed', execution, error: errorBody(error) };
    return { outcome: 'proposed', execution, outcomes: result.outcomes, part: toProposedPart(result) };
  }

  private async factsOf(order: RunOrder): Promise<Fact[]> {
    const stored = await getBySeq(
      this.bus,
      factsStream(order.group),
      order.facts.map(({ seq }) => seq),
    );
    const facts = stored.map((message, index) => {
      if (message) return decodeFactRecord(message.data).fact;
      throw new CodedError('facts-pruned', `the fact ${order.facts[index]?.id} was pruned before the run`);
    });
    return facts.sort((a, b) => {
      const [x, y] = [timestampNs(a.observedAt)!, timestampNs(b.observedAt)!];
      return x < y ? -1 : x > y ? 1 : a.id < b.id ? -1 : 1;
    });
  }

  private async start(order: RunOrder, pluginDigest: string): Promise<void> {
    const { runId, attempt } = order;
    await this.append(order, {
      type: 'started',
      at: formatTime(this.clock.now()),
      runId,
      attempt,
      pluginDigest,
    });
  }

  private async end(order: RunOrder, ended: Omit<Ended, 'type' | 'at' | 'order'>): Promise<void> {
    const at = formatTime(this.clock.now());
    let record: Ended = { type: 'ended', at, order, ...ended };
    const bytes = Buffer.byteLength(JSON.stringify(record));
    if (bytes > this.bus.maxBytes) {
      const message = `the result has ${bytes} bytes, one message may have ${this.bus.maxBytes}: propose less, or raise max_payload of NATS`;
      const { execution } = ended;
      record = {
        type: 'ended',
        at,
        order,
        outcome: 'failed',
        ...(execution && { execution }),
        error: { code: 'result-too-large', message },
      };
    }
    await this.append(order, record);
    this.runs.inc({ plugin: order.plugin, outcome: record.outcome });
  }

  private async append(order: RunOrder, record: RunRecord): Promise<void> {
    await this.bus.publisher.publishJson(
      SUBJECTS.runActivity(subscriptionOwner(order.subscription)),
      record,
      {
        msgId: `${record.type}:${order.runId}:${order.attempt}`,
      },
    );
  }
}

/** Codes that say nothing about the run itself: the order is given back and comes again. */
const INFRASTRUCTURE = new Set(['nats-unavailable', 'store-unavailable', 'not-ready', 'internal']);
