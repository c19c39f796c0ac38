import { Module } from '@nestjs/common';
import { Bus, streamInfo } from '@signalbox/bus';
import { factsStream } from '@signalbox/contracts';
import {
  AuthModule,
  Clock,
  IdempotencyModule,
  LOG,
  type Log,
  Metrics,
  type Service,
} from '@signalbox/runtime';
import { AlarmsController } from './alarms.controller.js';
import { SendersController } from './senders.controller.js';
import { EventsIntakeController } from './events.controller.js';
import { FactIntake } from './fact-intake.js';
import { FactRetention } from './fact-retention.js';
import { GroupDirectory } from './group-directory.js';
import { IngestService } from './ingest.service.js';
import { OffersController } from './offers.controller.js';
import { Receivers } from './receiver/receivers.js';
import { OfferTelling } from './offer-telling.js';
import { SiteIntake } from './site-intake.js';
import { IngestUsage } from './ingest-usage.js';

/** The ports for peers, with what they count and what they refuse going to metrics and ACTIVITY. */
function makeReceivers(intake: SiteIntake, bus: Bus, clock: Clock, metrics: Metrics, log: Log): Receivers {
  const pushes = metrics.counter('signalbox_receiver_pushes_total', 'Pushes from peers, by outcome', [
    'group',
    'outcome',
    'reason',
  ]);
  return new Receivers({
    intake,
    clock,
    log,
    counters: {
      count: (group, outcome, reason) => pushes.inc({ group, outcome, reason }),
      storedEvents: async (group) => (await streamInfo(bus.manager, factsStream(group)))?.state.messages ?? 0,
    },
    onRefused: ({ group, ...record }) => intake.record(group, record),
  });
}

@Module({
  imports: [AuthModule, IdempotencyModule],
  controllers: [EventsIntakeController, OffersController, AlarmsController, SendersController],
  providers: [
    IngestService,
    GroupDirectory,
    OfferTelling,
    SiteIntake,
    FactRetention,
    IngestUsage,
    { provide: FactIntake, useExisting: SiteIntake },
    { provide: Receivers, useFactory: makeReceivers, inject: [SiteIntake, Bus, Clock, Metrics, LOG] },
  ],
})
export class IngestModule {}

export const INGEST: Service = { name: 'ingest', module: IngestModule };
