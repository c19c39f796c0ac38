import { Injectable } from '@nestjs/common';
import type { FrontendState, FrontendTarget } from '@signalbox/contracts';
import { FrontendRow, FrontendTargetRow, Projectors, targetOfRow } from '@signalbox/store';
import { DataSource } from 'typeorm';
import { targetKey } from './domain/frontend-changes.js';
import { FrontendRecords } from './frontend-records.js';
import { NodeDrains } from './node-drains.js';
import { Weighing } from './weighing.js';

/**
 * The projections of the service, and every frontend as they have it: what was decided last is where deciding goes on (R8).
 */
@Injectable()
export class FrontendRestore {
  constructor(
    private readonly tables: Projectors,
    private readonly dataSource: DataSource,
    private readonly weighing: Weighing,
    private readonly records: FrontendRecords,
    private readonly drains: NodeDrains,
  ) {}

  /** Starts the projections and, when they have caught up, hands over the frontends and the drained nodes. */
  async run(): Promise<void> {
    await this.tables.start();
    await this.tables.caughtUp();
    await this.drains.load();
    await this.handOver();
  }

  /** Stops the projections. */
  async stop(): Promise<void> {
    await this.tables.stop();
  }

  private async handOver(): Promise<void> {
    const frontends = await this.dataSource.getRepository(FrontendRow).find();
    const targets = new Map(frontends.map(({ name }) => [name, new Map<string, FrontendTarget>()]));
    for (const row of await this.dataSource.getRepository(FrontendTargetRow).find()) {
      const target = targetOfRow(row);
      targets.get(row.frontend)?.set(targetKey(target.pool, target.backend), target);
    }
    for (const { name, version, seq, state, since, activePool } of frontends) {
      const memory = { state: state as FrontendState, activePool, targets: targets.get(name) ?? new Map() };
      this.weighing.restore(name, { version, since, memory });
      this.records.resume(name, seq, memory);
    }
  }
}
