import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import { STREAMS } from '@signalbox/contracts';
import { readUpTo, type ResourceBook } from '@signalbox/store';
import { ConfigModel } from './domain/config-model.js';
import { KIND_RULES } from './domain/kind-rules.js';
import { ModelStore } from './model-store.js';
import { Past } from './past.js';

/** The model as it is at one place of ACTIVITY. */
export interface LoadedModel {
  readonly model: ConfigModel;
  /** Proposals and withdrawals up to that place of which no record says what became of them. */
  readonly undecided: Past['waiting'];
  readonly seq: number;
  readonly streamCreated: string;
}

/** Makes the model: the tables, the operator resources, and the records that the tables do not have yet. */
@Injectable()
export class ModelLoader {
  constructor(
    private readonly bus: Bus,
    private readonly store: ModelStore,
  ) {}

  /** Reads to the end of the stream. Throws while NATS or Postgres is away, and the reason of an aborted signal. */
  async load(book: ResourceBook, signal: AbortSignal): Promise<LoadedModel> {
    const { foldedSeq, decidedSeq, streamCreated, ...tables } = await this.store.load();
    const startup = book.all().map(({ resource, revision }) => ({ resource, revision }));
    const model = new ConfigModel({ ...tables, startup, revision: book.revision }, KIND_RULES);
    const past = new Past(model, foldedSeq, this.bus.log);
    const { state } = await this.bus.manager.streams.info(STREAMS.activity);
    await readUpTo(
      this.bus,
      {
        stream: STREAMS.activity,
        fromSeq: Math.min(decidedSeq, foldedSeq) + 1,
        toSeq: state.last_seq,
      },
      (batch) => {
        for (const message of batch) past.fold(message);
        return Promise.resolve();
      },
      signal,
    );
    return { model, undecided: past.waiting, seq: state.last_seq, streamCreated };
  }
}
