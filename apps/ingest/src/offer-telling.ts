import { Injectable } from '@nestjs/common';
import { type Fact, type FactWay, readTraceparent, traceparentOf } from '@signalbox/contracts';
import { Metrics, type OpenStep, Tracing } from '@signalbox/runtime';

/** Tells of offered facts: how many became what, how long it took, and where they stand in a trace. */
@Injectable()
export class OfferTelling {
  private readonly offered;
  private readonly duration;

  constructor(
    metrics: Metrics,
    private readonly tracing: Tracing,
  ) {
    this.offered = metrics.counter('signalbox_facts_total', 'Facts offered, by outcome', [
      'group',
      'way',
      'outcome',
    ]);
    this.duration = metrics.histogram('signalbox_fact_intake_seconds', 'From offer to durable fact', [
      'group',
      'way',
    ]);
  }

  begin(group: string, way: FactWay): OfferStory {
    const began = performance.now();
    return new OfferStory(this.tracing, way, (outcome, isKnown) => {
      this.duration.observe({ group, way }, (performance.now() - began) / 1000);
      this.offered.inc({ group: isKnown ? group : 'unknown', way, outcome });
    });
  }
}

/** What is told of one offer. */
class OfferStory {
  private step: OpenStep | undefined;

  constructor(
    private readonly tracing: Tracing,
    private readonly way: FactWay,
    private readonly count: (outcome: string, isKnown: boolean) => void,
  ) {}

  /** The fact with its place in a trace, where somebody wants to know; what follows from it follows from there. */
  traced(fact: Fact): Fact {
    if (!this.tracing.isOn) return fact;
    const parent = readTraceparent(fact.traceparent);
    const { group, id, type, sourceNode } = fact;
    this.step = this.tracing.begin({
      ...{ service: 'ingest', name: 'accept', ...(parent && { parent }) },
      attributes: {
        ...{ 'signalbox.group': group, 'signalbox.fact': id, 'signalbox.type': type },
        ...{ 'signalbox.origin': sourceNode, 'signalbox.way': this.way },
      },
    });
    return this.step ? { ...fact, traceparent: traceparentOf(this.step.place) } : fact;
  }

  /** `error`: why it was refused. */
  end(outcome: string, isKnown: boolean, error?: unknown): void {
    this.count(outcome, isKnown);
    this.step?.end({
      attributes: { 'signalbox.outcome': outcome },
      ...(error !== undefined && { error: error instanceof Error ? error.message : String(error) }),
    });
  }
}
