import { Payload } from '@nestjs/microservices';
import { MessageController, OnRequest } from '@signalbox/bus';
import { CodedError, lineageOf, SUBJECTS } from '@signalbox/contracts';
import { orderOfView } from '@signalbox/store';
import { LiveFacts } from './live-facts.js';
import { Planning } from './planning.js';

/** Commands of operators for runs. */
@MessageController()
export class RunsController {
  constructor(
    private readonly planning: Planning,
    private readonly live: LiveFacts,
  ) {}

  /** Plans a further attempt of a run that failed; answers when the plan is stored. */
  @OnRequest(SUBJECTS.command('matcher', 'retry'))
  async retry(@Payload() data: Uint8Array): Promise<{ runId: string; attempt: number }> {
    const { runId } = JSON.parse(Buffer.from(data).toString()) as { runId: string };
    const attempt = await this.planning.turn(async () => {
      const view = await this.live.run(runId);
      if (!view) throw new CodedError('not-found', `there is no run ${runId}`);
      const order = orderOfView(view);
      if (order.trigger !== undefined)
        throw new CodedError(
          'wrong-state',
          `no fact started the run ${runId}: run Plugin/${order.plugin} again by hand`,
        );
      const lineages = order.facts.map(({ origin, factKey }) => lineageOf(origin, factKey));
      const newest = await this.live.newestOf(order.group, lineages, Number.MAX_SAFE_INTEGER);
      const seqs = new Set(newest.map(({ seq }) => seq));
      const overtaken = order.facts
        .filter(({ seq }) => newest.length > 0 && !seqs.has(seq))
        .map(({ id }) => id);
      return this.planning.again({ order, state: view.state, overtaken });
    });
    await this.planning.stored();
    return { runId, attempt };
  }
}
