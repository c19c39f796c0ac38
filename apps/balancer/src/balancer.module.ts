import { Module } from '@nestjs/common';
import { keptTables, ownTables, type Service } from '@signalbox/runtime';
import { BalancerAlarms } from './balancer-alarms.js';
import { BackendStates } from './backend-states.js';
import { BalancerController } from './balancer.controller.js';
import { BalancerService } from './balancer.service.js';
import { Discovery } from './discovery/discovery.js';
import { SourceWatches } from './discovery/source-watches.js';
import { FrontendBook } from './frontend-book.js';
import { FrontendInputs } from './frontend-inputs.js';
import { FrontendMetrics } from './frontend-metrics.js';
import { FrontendRecords } from './frontend-records.js';
import { FrontendRestore } from './frontend-restore.js';
import { NodeBucket } from './node-bucket.js';
import { NodeInputs } from './node-inputs.js';
import { NodeReports } from './node-reports.js';
import { NodeCommands } from './node-commands.js';
import { NodeDrains } from './node-drains.js';
import { NodeMetrics } from './node-metrics.js';
import { NodeStates } from './node-states.js';
import { NodeVips } from './node-vips.js';
import { NodeWriter } from './node-writer.js';
import { Placements } from './placements.js';
import { VipLeases } from './vip-leases.js';
import { Weighing } from './weighing.js';
import { WeightCommands } from './weight-commands.js';
import { WeightPlans } from './weight-plans.js';
import { WeightOverrides } from './weight-overrides.js';
import { BalancerUsage } from './balancer-usage.js';

/** Active pools, effective weights and the state of each frontend, and what nodes shall do for them. */
@Module({
  controllers: [BalancerController, keptTables('balancer')],
  providers: [
    BalancerService,
    ownTables('balancer'),
    FrontendRestore,
    FrontendInputs,
    FrontendBook,
    BackendStates,
    WeightOverrides,
    WeightCommands,
    WeightPlans,
    Weighing,
    FrontendRecords,
    FrontendMetrics,
    NodeStates,
    NodeDrains,
    NodeVips,
    NodeCommands,
    NodeBucket,
    NodeWriter,
    NodeInputs,
    NodeMetrics,
    NodeReports,
    BalancerAlarms,
    Placements,
    VipLeases,
    Discovery,
    SourceWatches,
    BalancerUsage,
  ],
})
export class BalancerModule {}

/** The service `balancer`. */
export const BALANCER: Service = { name: 'balancer', module: BalancerModule };
