import { Injectable } from '@nestjs/common';
import { Bus, Follower, readRecord } from '@signalbox/bus';
import { decodeRunRecord, type RunOrder, STREAMS, SUBJECTS, subscriptionOwner } from '@signalbox/contracts';
import { loadPosition, RunRow, streamCreated } from '@signalbox/store';
import { DataSource } from 'typeorm';

/** How far an attempt of a run got, as recorded. */
export type AttemptState = 'planned' | 'started' | 'ended';

interface StoredView {
  readonly attempt: number;
  readonly state: string;
  readonly executions: readonly { readonly attempt: number }[];
}

/** Answers what the records say about an attempt: the table, then the records after its position. */
@Injectable()
export class RunHistory {
  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
  ) {}

  /** Used for redelivered orders only, so it may read. */
  async stateOf(order: RunOrder): Promise<AttemptState> {
    const created = await streamCreated(this.bus, STREAMS.activity);
    const { position, view } = await this.dataSource.transaction('REPEATABLE READ', async (tx) => ({
      position: await loadPosition(tx, 'runs', STREAMS.activity, created),
      view: await tx.findOneBy(RunRow, { runId: order.runId }),
    }));
    let state = view ? stateInView(JSON.parse(view.view) as StoredView, order.attempt) : 'planned';
    const follower = new Follower(this.bus, {
      service: 'plugin-runner',
      name: `history of ${order.runId}`,
      stream: STREAMS.activity,
      filter: SUBJECTS.runActivity(subscriptionOwner(order.subscription)),
      fromSeq: position + 1,
      onBatch: (batch) => {
        for (const message of batch) {
          const record = readRecord(this.bus.log, message, decodeRunRecord);
          if (!record) continue;
          if (record.type === 'started' && record.runId === order.runId && record.attempt === order.attempt) {
            if (state === 'planned') state = 'started';
          } else if (
            record.type === 'ended' &&
            record.order.runId === order.runId &&
            record.order.attempt === order.attempt
          ) {
            state = 'ended';
          }
        }
        return Promise.resolve();
      },
    });
    await follower.caughtUp;
    await follower.stop();
    return state;
  }
}

function stateInView(view: StoredView, attempt: number): AttemptState {
  if (view.attempt > attempt || view.executions.some((execution) => execution.attempt === attempt))
    return 'ended';
  if (view.attempt < attempt || view.state === 'queued' || view.state === 'waiting') return 'planned';
  return view.state === 'running' ? 'started' : 'ended';
}
