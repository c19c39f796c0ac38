import { Module } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import { Clock, keptTables, LOG, type Log, ownTables, type Service, Tracing } from '@signalbox/runtime';
import { DeliveriesConsumer } from './deliveries.consumer.js';
import { DeliveryHistory } from './delivery-history.js';
import { DeliveryJournal } from './delivery-journal.js';
import { DeliveryMetrics } from './delivery-metrics.js';
import { FederationService } from './federation.service.js';
import { LANE_PARTS, type LaneParts } from './lane-parts.js';
import { PeerConsumers } from './peer-consumers.js';
import { PeerLanes } from './peer-lanes.js';
import { FederationUsage } from './federation-usage.js';

/** Delivers our facts to peers, each at its own pace. */
@Module({
  controllers: [DeliveriesConsumer, keptTables('federation')],
  providers: [
    ownTables('federation'),
    DeliveryMetrics,
    { provide: DeliveryJournal, useFactory: (bus: Bus) => new DeliveryJournal(bus), inject: [Bus] },
    {
      provide: LANE_PARTS,
      useFactory: (
        journal: DeliveryJournal,
        metrics: DeliveryMetrics,
        clock: Clock,
        log: Log,
        tracing: Tracing,
      ): LaneParts => ({
        journal,
        metrics,
        clock,
        random: Math.random,
        log: log.child({ service: 'federation' }),
        tracing,
      }),
      inject: [DeliveryJournal, DeliveryMetrics, Clock, LOG, Tracing],
    },
    DeliveryHistory,
    PeerConsumers,
    PeerLanes,
    FederationService,
    FederationUsage,
  ],
})
export class FederationModule {}

/** The service as a process runs it. */
export const FEDERATION: Service = { name: 'federation', module: FederationModule };
