import type { Bus } from '@signalbox/bus';
import type { DataSource } from 'typeorm';
import type { Projection } from './projection.js';
import { Projector } from './projector.js';

/** The projections of a service: each runs for itself; they start one after the other and stop together. */
export class Projectors {
  private readonly running: Projector[] = [];
  private readonly behind = new Set<string>();

  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
    private readonly projections: readonly Projection[],
  ) {}

  /** Resolves when all of them run; what was there at the start may not be read yet, see {@link caughtUp}. */
  async start(): Promise<void> {
    for (const projection of this.projections) {
      const projector = await Projector.start(this.bus, this.dataSource, projection);
      this.running.push(projector);
      this.behind.add(projection.name);
      void projector.caughtUp.then(() => this.behind.delete(projection.name));
    }
  }

  /** Names of those that have not read yet what was there at the start. */
  get catchingUp(): string[] {
    return [...this.behind].sort();
  }

  /** Resolves when all of them have read what was there at the start. */
  async caughtUp(): Promise<void> {
    await Promise.all(this.running.map(({ caughtUp }) => caughtUp));
  }

  async stop(): Promise<void> {
    await Promise.all(this.running.map((projector) => projector.stop()));
  }
}
