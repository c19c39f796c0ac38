import { Injectable } from '@nestjs/common';
import { Bus, streamInfo } from '@signalbox/bus';
import { factsStream } from '@signalbox/contracts';
import { Watermarks } from '@signalbox/runtime';
import { factsProjectionName, loadPosition } from '@signalbox/store';
import { DataSource } from 'typeorm';

/** How long a read of facts waits for the table to hold what is in the stream. Milliseconds. */
export const FRESH_MS = 2000;

/** Lets reads of facts see every fact that was accepted before them. */
@Injectable()
export class FreshFacts {
  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
    private readonly watermarks: Watermarks,
  ) {}

  /** Resolves when the group's table has caught up with its stream, or after FRESH_MS. */
  async of(group: string): Promise<void> {
    const stream = factsStream(group);
    const info = await streamInfo(this.bus.manager, stream);
    if (!info || info.state.messages === 0) return;
    const projection = factsProjectionName(group);
    const { manager } = this.dataSource;
    const position = await loadPosition(manager, projection, stream, info.created);
    if (position >= info.state.last_seq) return;
    await this.watermarks.waitFor(projection, stream, info.state.last_seq, FRESH_MS);
  }
}
