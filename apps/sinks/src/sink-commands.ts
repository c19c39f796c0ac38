import { Injectable } from '@nestjs/common';
import {
  type Alarm,
  CodedError,
  type SinkCommandAnswer,
  type SinkCommandRequest,
  type SinkRendering,
} from '@signalbox/contracts';
import { sinkAlarm } from './domain/sink-alarms.js';
import { SinkInputs } from './sink-inputs.js';
import { SinkIntents } from './sink-intents.js';
import type { SinkLane } from './sink-lane.js';
import { SinkLanes } from './sink-lanes.js';

/** Largest text that an answer carries: a message of NATS has room for 8 MB. Bytes. */
const LARGEST_ANSWER = 4 * 1024 * 1024;
/** How long an answer waits for what a command leads to: a reload may take longer. Milliseconds. */
const PATIENCE_MS = 1000;

/** What people ask of sinks and want of them. */
@Injectable()
export class SinkCommands {
  constructor(
    private readonly lanes: SinkLanes,
    private readonly intents: SinkIntents,
    private readonly inputs: SinkInputs,
  ) {}

  /** Throws `not-found`, `not-ready`, `too-large`, `sink-template`. */
  render(sink: string): SinkRendering {
    const rendering = this.laneOf(sink).render();
    if (rendering.bytes <= LARGEST_ANSWER) return rendering;
    throw new CodedError(
      'too-large',
      `the document of ${sink} has ${rendering.bytes} bytes, and ${LARGEST_ANSWER} fit into an answer`,
    );
  }

  /** Resolves when the intent is stored, with how the sink stands a moment later. Throws `not-found`, `not-ready`. */
  async order(
    { sink, author, reason, from }: SinkCommandRequest,
    paused: boolean,
  ): Promise<SinkCommandAnswer> {
    const lane = this.laneOf(sink);
    const { intent, seq: intentSeq } = await this.intents.append({
      ...{ sink, paused, author, reason },
      ...(from && { from }),
    });
    await withPatience(lane.obey(intent));
    const { record, seq } = lane.standing;
    if (!record) throw new CodedError('not-ready', `the sink ${sink} has just been declared: try again`);
    return { record, seq, intentSeq };
  }

  alarms(): Alarm[] {
    return [...this.lanes.all()].flatMap(
      ({ standing: { record, since } }) => (record && sinkAlarm(record, since ?? record.at)) ?? [],
    );
  }

  private laneOf(sink: string): SinkLane {
    if (!this.inputs.isReady)
      throw new CodedError('not-ready', 'sinks is still catching up with the records: try again');
    const lane = this.lanes.get(sink);
    if (!lane)
      throw new CodedError(
        'not-found',
        `there is no sink "${sink}": signalbox sink list shows those that are declared`,
      );
    return lane;
  }
}

async function withPatience(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, PATIENCE_MS)));
  await Promise.race([work, patience]).finally(() => clearTimeout(timer));
}
