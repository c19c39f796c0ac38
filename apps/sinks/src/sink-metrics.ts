import { Injectable } from '@nestjs/common';
import { SINK_STATES } from '@signalbox/contracts';
import { Metrics } from '@signalbox/runtime';
import type { Counter, Histogram } from 'prom-client';
import type { SinkLane } from './sink-lane.js';

/** Metrics of sinks; labels in alphabetical order. */
@Injectable()
export class SinkMetrics {
  private readonly applies: Counter;
  private readonly seconds: Histogram;
  private readonly commands: Histogram;

  constructor(private readonly metrics: Metrics) {
    this.applies = metrics.counter(
      'signalbox_sink_applies_total',
      'Documents brought to a target, by outcome',
      ['outcome', 'sink'],
    );
    this.seconds = metrics.histogram(
      'signalbox_sink_apply_seconds',
      'Time to bring a document to its target, commands included',
    );
    this.commands = metrics.histogram('signalbox_sink_command_seconds', 'Time that commands of sinks take', [
      'command',
    ]);
  }

  /** Shows how these sinks stand, from now on. */
  show(lanes: () => Iterable<SinkLane>): void {
    const states = this.metrics.gauge('signalbox_sinks', 'Sinks by state', ['state']);
    const generation = this.metrics.gauge(
      'signalbox_sink_applied_generation',
      'Generation of the effective config that the target has',
      ['sink'],
    );
    Object.assign(states, {
      collect: () => {
        for (const state of SINK_STATES) if (state !== 'removed') states.set({ state }, 0);
        for (const { standing } of lanes()) if (standing.record) states.inc({ state: standing.record.state });
      },
    });
    Object.assign(generation, {
      collect: () => {
        generation.reset();
        for (const { name, standing } of lanes())
          if (standing.record?.content) generation.set({ sink: name }, standing.record.content.generation);
      },
    });
  }

  noteApply(sink: string, outcome: 'applied' | 'failed', seconds: number): void {
    this.applies.inc({ sink, outcome });
    this.seconds.observe(seconds);
  }

  noteCommand(command: string, seconds: number): void {
    this.commands.observe({ command }, seconds);
  }
}
