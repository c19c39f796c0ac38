import { Module } from '@nestjs/common';
import { keptTables, ownTables, type Service } from '@signalbox/runtime';
import { SinkTargets } from './sink-targets.js';
import { SinksController } from './sinks.controller.js';
import { SinksService } from './sinks.service.js';

/** Brings the effective config to files, NATS and servers, as ConfigSinks say. ADR 0030. */
@Module({
  controllers: [SinksController, keptTables('sinks')],
  providers: [SinksService, ownTables('sinks'), SinkTargets],
})
export class SinksModule {}

/** The service `sinks`. */
export const SINKS: Service = { name: 'sinks', module: SinksModule };
