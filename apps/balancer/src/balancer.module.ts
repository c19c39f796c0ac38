import { Module } from '@nestjs/common';
import { keptTables, type Service } from '@signalbox/runtime';
import { frontendsProjection } from '@signalbox/store';
import { BackendStates } from './backend-states.js';
import { BalancerController } from './balancer.controller.js';
import { BalancerService } from './balancer.service.js';
import { FrontendMetrics } from './frontend-metrics.js';
import { FrontendRecords } from './frontend-records.js';
import { Weighing } from './weighing.js';
import { WeightOverrides } from './weight-overrides.js';

/** Active pools, effective weights and the state of each frontend. */
@Module({
  controllers: [BalancerController, keptTables('balancer', [frontendsProjection])],
  providers: [BalancerService, BackendStates, WeightOverrides, Weighing, FrontendRecords, FrontendMetrics],
})
export class BalancerModule {}

/** The service `balancer`. */
export const BALANCER: Service = { name: 'balancer', module: BalancerModule };
