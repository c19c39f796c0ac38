import { Injectable } from '@nestjs/common';
import { Usage } from '@signalbox/runtime';
import { Discovery } from './discovery/discovery.js';
import { NodeReports } from './node-reports.js';
import { NodeWriter } from './node-writer.js';
import { VipLeases } from './vip-leases.js';
import { Weighing } from './weighing.js';

/** Measures what this service keeps in memory. */
@Injectable()
export class BalancerUsage {
  constructor(
    weighing: Weighing,
    nodes: NodeWriter,
    reports: NodeReports,
    vips: VipLeases,
    discovery: Discovery,
    usage: Usage,
  ) {
    usage.measure({
      'frontends in work': () => weighing.size,
      'listeners of nodes': () => nodes.size,
      'listeners with reports': () => reports.size,
      'holders of VIPs': () => vips.size,
      'backends of sources': () => discovery.size,
    });
  }
}
