import type { FactoryProvider } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import { type Projection, Projectors } from '@signalbox/store';
import { DataSource } from 'typeorm';

/** Provides the {@link Projectors} of the tables that a service owns. */
export function ownTables(projections: readonly Projection[]): FactoryProvider<Projectors> {
  return {
    provide: Projectors,
    useFactory: (bus: Bus, dataSource: DataSource) => new Projectors(bus, dataSource, projections),
    inject: [Bus, DataSource],
  };
}
