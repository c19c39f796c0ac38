import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import { CodedError, type ListenerPlacement, type PlacementAnswer, SUBJECTS } from '@signalbox/contracts';

/** How long `balancer` may take to say where listeners are. Milliseconds. */
const ASK_MS = 1000;

/** Which nodes shall serve listeners, by the scoped names of these; of one that is missing nobody says. */
export type Placements = ReadonlyMap<string, ListenerPlacement>;

/** Asks `balancer`, which decides it. What it does not say is left out rather than waited for. */
@Injectable()
export class PlacementsReader {
  constructor(private readonly bus: Bus) {}

  /** Of one listener, or of all. */
  async read(listener?: string): Promise<Placements> {
    try {
      const question = listener === undefined ? {} : { listener };
      const subject = SUBJECTS.ask('balancer', 'placement');
      const answer = await this.bus.ask<PlacementAnswer>(subject, question, ASK_MS);
      return new Map(answer?.listeners.map((one) => [one.listener, one]));
    } catch (error) {
      if (error instanceof CodedError) return new Map();
      throw error;
    }
  }
}
