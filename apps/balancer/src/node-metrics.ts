import { Injectable } from '@nestjs/common';
import { Metrics } from '@signalbox/runtime';
import { NodeWriter } from './node-writer.js';

/** Gauges of what nodes were told, computed at the scrape. */
@Injectable()
export class NodeMetrics {
  constructor(metrics: Metrics, writer: NodeWriter) {
    const generation = metrics.gauge(
      'signalbox_balancer_node_generation',
      'Generation of the desired state that a node was told last',
      ['node'],
    );
    Object.assign(generation, {
      collect: () => {
        generation.reset();
        for (const { name: node, standing } of writer.all)
          if (standing) generation.set({ node }, standing.manifest.generation);
      },
    });
  }
}
