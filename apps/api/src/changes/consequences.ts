import { Injectable } from '@nestjs/common';
import { APPLY_CHAIN, COMMAND_WAIT_MS, STREAMS } from '@signalbox/contracts';
import { Watermarks } from '@signalbox/runtime';
import { partsProjection, resourcesProjection } from '@signalbox/store';

const RENDERER = 'renderer' satisfies (typeof APPLY_CHAIN)[number];

/** Follows what a changeset sets in motion until it can be read (architecture section 6, rule 3). */
@Injectable()
export class Consequences {
  constructor(private readonly watermarks: Watermarks) {}

  /** Waits at most COMMAND_WAIT_MS for everyone; names who has not got there, empty = all is readable. */
  async of(revision: number): Promise<string[]> {
    const deadline = performance.now() + COMMAND_WAIT_MS;
    const journal = (service: string): Promise<boolean> =>
      this.reached(service, STREAMS.journal, revision, deadline);
    const followers = [...APPLY_CHAIN.filter((service) => service !== RENDERER), resourcesProjection.name];
    const late = await Promise.all([
      ...followers.map(async (service) => ((await journal(service)) ? [] : [service])),
      this.rendered(revision, deadline),
    ]);
    return late.flat().sort();
  }

  /** The renderer, then the tables that hold what it appended because of the revision. */
  private async rendered(revision: number, deadline: number): Promise<string[]> {
    const mark = await this.watermarks.waitFor(RENDERER, STREAMS.journal, revision, left(deadline));
    if (!mark) return [RENDERER];
    if (mark.appended?.stream !== STREAMS.activity) return [];
    const { name, stream } = partsProjection;
    return (await this.reached(name, stream, mark.appended.seq, deadline)) ? [] : [name];
  }

  private async reached(service: string, stream: string, seq: number, deadline: number): Promise<boolean> {
    return (await this.watermarks.waitFor(service, stream, seq, left(deadline))) !== undefined;
  }
}

function left(deadline: number): number {
  return Math.max(0, deadline - performance.now());
}
