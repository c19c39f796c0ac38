import { Payload } from '@nestjs/microservices';
import { MessageController, OnRequest } from '@signalbox/bus';
import {
  CodedError,
  givenFacts,
  parseStrictJson,
  PLUGIN_API,
  type PluginSpec,
  type RunByHandAnswer,
  type RunByHandRequest,
  SUBJECTS,
  type TryOrderAnswer,
  type TryOrderRequest,
} from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import { pluginOrder } from './domain/plugin-order.js';
import { RunExecutor } from './run-executor.js';
import { SiteState } from './site-state.js';
import { TriggeredRuns } from './triggered-runs.js';

/** Runs plugins that people ask for. */
@MessageController()
export class RunByHandController {
  constructor(
    private readonly state: SiteState,
    private readonly runs: TriggeredRuns,
    private readonly executor: RunExecutor,
    private readonly clock: Clock,
  ) {}

  /** A run is recorded like any other, and answered once it is planned; a dry run is answered when it has ended. */
  @OnRequest(SUBJECTS.command('plugin-runner', 'run'))
  async run(@Payload() data: Uint8Array): Promise<RunByHandAnswer> {
    const { plugin, events, author, dryRun, seed } = parseStrictJson(
      Buffer.from(data).toString(),
    ) as RunByHandRequest;
    const declared = this.state.book.get(PLUGIN_API, 'Plugin', plugin);
    if (!declared) throw new CodedError('not-found', `Plugin/${plugin} is not declared`);
    if ((declared.resource.spec as unknown as PluginSpec).suspend === true)
      throw new CodedError(
        'wrong-state',
        `Plugin/${plugin} is suspended: set spec.suspend to false to run it`,
      );
    const facts = givenFacts(events, { group: 'default', sourceNode: 'by-hand' }, this.clock.now());
    const run = { plugin, revision: declared.revision, trigger: { type: 'manual', author } } as const;
    if (dryRun) return { attempted: await this.executor.tryOut(pluginOrder(run, seed), facts) };
    const { runId } = await this.runs.runByHand(run, seed, facts);
    return { runId };
  }

  /** The order of a subscription, executed for facts that nobody observed; nothing of it is recorded. */
  @OnRequest(SUBJECTS.command('plugin-runner', 'try'))
  async try(@Payload() data: Uint8Array): Promise<TryOrderAnswer> {
    const { order, facts } = parseStrictJson(Buffer.from(data).toString()) as TryOrderRequest;
    return { attempted: await this.executor.tryOut(order, facts) };
  }
}
