import type { FactoryProvider } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import type { ServiceName } from '@signalbox/contracts';
import { Projectors, siteProjections } from '@signalbox/store';
import { DataSource } from 'typeorm';

/** Provides the {@link Projectors} of all tables that a service owns, but those of facts. */
export function ownTables(service: ServiceName): FactoryProvider<Projectors> {
  const own = siteProjections([]).filter(({ owner }) => owner === service);
  return {
    provide: Projectors,
    useFactory: (bus: Bus, dataSource: DataSource) => new Projectors(bus, dataSource, own),
    inject: [Bus, DataSource],
  };
}
