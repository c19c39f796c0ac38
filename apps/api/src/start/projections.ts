import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import { deadLettersProjection, Projector, resourcesProjection, tokensProjection } from '@signalbox/store';
import { DataSource } from 'typeorm';

/** The tables that `api` owns (architecture section 4). */
@Injectable()
export class Projections {
  private readonly projectors: Projector[] = [];
  private readonly behind = new Set<string>();

  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
  ) {}

  async start(): Promise<void> {
    for (const projection of [resourcesProjection, tokensProjection, deadLettersProjection]) {
      const projector = await Projector.start(this.bus, this.dataSource, projection);
      this.projectors.push(projector);
      this.behind.add(projection.name);
      void projector.caughtUp.then(() => this.behind.delete(projection.name));
    }
  }

  /** Names of those that have not read yet what was there at the start. */
  get catchingUp(): string[] {
    return [...this.behind].sort();
  }

  async stop(): Promise<void> {
    await Promise.all(this.projectors.map((projector) => projector.stop()));
  }
}
