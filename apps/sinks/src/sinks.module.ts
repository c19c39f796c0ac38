import { Module } from '@nestjs/common';
import { keptTables, ownTables, type Service } from '@signalbox/runtime';
import { SinkCommands } from './sink-commands.js';
import { SinkConfig } from './sink-config.js';
import { SinkInputs } from './sink-inputs.js';
import { SinkIntents } from './sink-intents.js';
import { SinkLanes } from './sink-lanes.js';
import { SinkMetrics } from './sink-metrics.js';
import { SinkRecords } from './sink-records.js';
import { SinkTargets } from './sink-targets.js';
import { SinksController } from './sinks.controller.js';
import { SinksService } from './sinks.service.js';

/** Brings the effective config to files, NATS and servers, as ConfigSinks say. ADR 0030. */
@Module({
  controllers: [SinksController, keptTables('sinks')],
  providers: [
    SinksService,
    ownTables('sinks'),
    SinkInputs,
    SinkConfig,
    SinkLanes,
    SinkCommands,
    SinkRecords,
    SinkIntents,
    SinkTargets,
    SinkMetrics,
  ],
})
export class SinksModule {}

/** The service `sinks`. */
export const SINKS: Service = { name: 'sinks', module: SinksModule };
