import type { Type } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { Bus, MessageController, OnRequest } from '@signalbox/bus';
import { type ServiceName, STREAMS, SUBJECTS } from '@signalbox/contracts';
import { horizonOf, pruneRows, siteProjections, type Snapshotted, takeSnapshot } from '@signalbox/store';
import { DataSource } from 'typeorm';
import { Clock } from './clock.js';
import { GoneRows } from './gone-rows.js';

/** Answer to `cmd.<service>.snapshot`: for which position of ACTIVITY the newest snapshot of each of its tables stands. */
export interface SnapshotAnswer {
  readonly positions: Readonly<Record<string, number>>;
}

/** Told instead of the answer while the work goes on: ask again. */
export interface StillAtWork {
  readonly working: true;
}

/** How long an answer may take before it is that the work goes on. Milliseconds. */
const PATIENCE_MS = 4000;

/**
 * A controller through which `api` has the tables of a service snapshot before records of ACTIVITY go, and rows pruned
 * after they went (ADR 0020): all that it folds from ACTIVITY, and what `more` says.
 */
export function keptTables(service: ServiceName, more: readonly Snapshotted[] = []): Type<unknown> {
  const tables: readonly Snapshotted[] = [
    ...siteProjections([]).filter(({ owner, stream }) => owner === service && stream === STREAMS.activity),
    ...more,
  ];

  @MessageController()
  class KeptTablesController {
    constructor(
      private readonly bus: Bus,
      private readonly dataSource: DataSource,
      private readonly clock: Clock,
      private readonly gone: GoneRows,
    ) {}

    private readonly snapshots = new OneAtATime(() => this.takeAll());
    private readonly prunings = new OneAtATime(() => this.pruneAll());

    @OnRequest(SUBJECTS.command(service, 'snapshot'))
    snapshot(@Payload() _data: Uint8Array): Promise<SnapshotAnswer | StillAtWork> {
      return this.snapshots.ask();
    }

    @OnRequest(SUBJECTS.command(service, 'prune'))
    prune(@Payload() _data: Uint8Array): Promise<{ readonly upTo: number } | StillAtWork> {
      return this.prunings.ask();
    }

    private async takeAll(): Promise<SnapshotAnswer> {
      const positions: Record<string, number> = {};
      for (const one of tables)
        positions[one.name] = await takeSnapshot(this.bus, this.dataSource, one, this.clock.now());
      return { positions };
    }

    private async pruneAll(): Promise<{ readonly upTo: number }> {
      const upTo = await horizonOf(this.bus);
      for (const one of tables) await pruneRows(this.bus, this.dataSource, one, upTo, this.gone);
      return { upTo };
    }
  }
  return KeptTablesController;
}

/** Work that may take longer than who asks for it waits: asked again meanwhile, it is the same work. */
class OneAtATime<T> {
  private running: Promise<T> | undefined;

  constructor(private readonly work: () => Promise<T>) {}

  async ask(): Promise<T | StillAtWork> {
    this.running ??= this.work().finally(() => (this.running = undefined));
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<StillAtWork>((resolve) => {
      timer = setTimeout(() => resolve({ working: true }), PATIENCE_MS);
    });
    return Promise.race([this.running, patience]).finally(() => clearTimeout(timer));
  }
}
