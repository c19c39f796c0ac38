import { Module } from '@nestjs/common';
import type { Service } from '@signalbox/runtime';
import { AgentService } from './agent.service.js';
import { announcerFactory } from './announcers/announcer-of.js';
import { earlyDataPlane } from './data-plane.js';
import { driverFactory } from './drivers/driver-of.js';
import { IpAddresses } from './local-vips/ip-addresses.js';
import { LeadersLink } from './leases/leaders-link.js';
import { NodeAnswers } from './node-answers.js';
import { NodeFollower } from './node-follower.js';
import { NodeMetrics } from './node-metrics.js';
import { NodeReporter } from './node-reporter.js';
import { VppAnswers } from './vpp-answers.js';
import { VppMetrics } from './vpp-metrics.js';

/** What a load-balancing node shall do, done by its data plane. */
@Module({
  providers: [
    ...[AgentService, NodeFollower, NodeReporter, NodeAnswers, NodeMetrics],
    ...[VppAnswers, VppMetrics, LeadersLink],
  ],
})
export class AgentModule {}

/** The service `dataplane-agent`: one for each load-balancing node. */
export const DATAPLANE_AGENT: Service = {
  name: 'dataplane-agent',
  module: AgentModule,
  withoutStore: true,
  instanceOf: ({ lb }) => lb.node,
  early: earlyDataPlane({
    drivers: driverFactory,
    announcers: announcerFactory,
    addresses: ({ lb }) => new IpAddresses(lb.nftables.ip),
  }),
};
