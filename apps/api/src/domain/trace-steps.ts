import {
  type AnyOrder,
  type EffectiveRecord,
  followingPlace,
  type Part,
  type PartRecord,
  placeOfRun,
  readTraceparent,
  type RunRecord,
  type SinkRecord,
  timestampMs,
  type TracePlace,
} from '@signalbox/contracts';

/** A step of the chain as a trace has it, read out of a record. */
export interface RecordedStep {
  readonly service: 'matcher' | 'plugin-runner' | 'renderer' | 'sinks';
  readonly name: string;
  readonly parent: TracePlace;
  readonly place: TracePlace;
  readonly links?: readonly TracePlace[];
  readonly startMs: number;
  readonly endMs: number;
  readonly error?: string;
  readonly attributes: Readonly<Record<string, string | number>>;
}

/** Generations that are remembered until sinks have written them, runs until their parts are decided, and traces of one generation. */
export const TRACE_BOUNDS = { generations: 1000, runs: 10_000, tracesOfGeneration: 32 } as const;

/**
 * The steps that follow from facts with a place in a trace, read out of the records of the chain in their order. Where records say that something
 * followed from several facts, its step is in the trace of the first, and linked to the others. Remembers what later records do not say again,
 * each up to a bound: what is forgotten is missing in traces, and nowhere else. ADR 0053.
 */
export class TraceSteps {
  /** Places of parts that no generation has followed yet. */
  private parts: TracePlace[] = [];
  /** By generation. */
  private readonly merges = new Map<number, readonly TracePlace[]>();
  /** Runs that proposed, by id and attempt: a refusal does not say what facts they had. */
  private readonly proposed = new Map<string, AnyOrder>();
  /** The last generation that each sink has. */
  private readonly written = new Map<string, number>();

  ofRun(record: RunRecord): RecordedStep[] {
    if (record.type === 'planned') return [this.planned(record, record.at)].flat();
    return record.type === 'ended' ? this.ended(record) : [];
  }

  ofPart(record: PartRecord): RecordedStep[] {
    if (record.type === 'accepted') {
      const place = placeOfRun(record.part, 'part');
      if (place && this.parts.length < TRACE_BOUNDS.tracesOfGeneration) this.parts.push(place);
      return decision(record.part, record.at, record.part.source);
    }
    if (record.type !== 'rejected') return [];
    const order = this.proposed.get(keyOf(record));
    return order ? decision(order, record.at, record.source, record.error.message) : [];
  }

  ofGeneration({ generation, complete, at, resources }: EffectiveRecord): RecordedStep[] {
    if (!complete) return [];
    const parents = this.parts;
    this.parts = [];
    const steps = parents.map((parent): RecordedStep => ({
      ...{ service: 'renderer', name: 'merge', parent, place: followingPlace(parent, 'merge', generation) },
      ...instant(at),
      attributes: { 'signalbox.generation': generation, 'signalbox.resources': resources },
    }));
    if (steps.length > 0) {
      remember(
        this.merges,
        generation,
        steps.map(({ place }) => place),
        TRACE_BOUNDS.generations,
      );
    }
    return steps;
  }

  ofSink(record: SinkRecord): RecordedStep[] {
    const { sink, state, content: applied } = record;
    if (state === 'removed') this.written.delete(sink);
    if (state !== 'applied' || !applied) return [];
    const before = this.written.get(sink) ?? applied.generation - 1;
    this.written.set(sink, applied.generation);
    const steps: RecordedStep[] = [];
    for (const [generation, places] of this.merges) {
      if (generation <= before || generation > applied.generation) continue;
      for (const parent of places)
        steps.push({
          ...{
            service: 'sinks',
            name: 'write',
            parent,
            place: followingPlace(parent, 'write', sink, applied.generation),
          },
          ...instant(applied.at),
          attributes: {
            'signalbox.sink': sink,
            'signalbox.generation': applied.generation,
            'signalbox.bytes': applied.bytes,
          },
        });
    }
    return steps;
  }

  private planned(order: AnyOrder, at: string): RecordedStep[] {
    const [parent, ...links] = placesOf(order);
    const place = placeOfRun(order, 'plan');
    if (!parent || !place) return [];
    return [
      {
        ...{ service: 'matcher', name: 'plan', parent, place },
        ...(links.length > 0 && { links }),
        ...instant(at),
        attributes: { ...attributesOf(order), 'signalbox.facts': order.facts.length },
      },
    ];
  }

  private ended({
    order,
    outcome,
    execution,
    error,
    at,
  }: Extract<RunRecord, { type: 'ended' }>): RecordedStep[] {
    const [parent, place] = [placeOfRun(order, 'plan'), placeOfRun(order, 'run')];
    if (!parent || !place) return [];
    if (outcome === 'proposed') remember(this.proposed, keyOf(order), order, TRACE_BOUNDS.runs);
    const startMs = timestampMs(execution?.startedAt ?? at);
    return [
      {
        ...{ service: 'plugin-runner', name: 'run', parent, place, startMs },
        endMs: startMs + (execution?.durationMs ?? 0),
        ...(outcome !== 'proposed' && outcome !== 'skipped' && { error: error?.message ?? outcome }),
        attributes: { ...attributesOf(order), 'signalbox.outcome': outcome },
      },
    ];
  }
}

function decision(of: AnyOrder | Part, at: string, source: string, error?: string): RecordedStep[] {
  const [parent, place] = [placeOfRun(of, 'run'), placeOfRun(of, 'part')];
  if (!parent || !place) return [];
  return [
    {
      ...{ service: 'renderer', name: 'decide', parent, place },
      ...instant(at),
      ...(error !== undefined && { error }),
      attributes: { 'signalbox.run': of.runId, 'signalbox.source': source },
    },
  ];
}

function attributesOf({ runId, attempt, plugin, subscription }: AnyOrder): Record<string, string | number> {
  return {
    ...{ 'signalbox.run': runId, 'signalbox.attempt': attempt, 'signalbox.plugin': plugin },
    ...(subscription !== undefined && { 'signalbox.subscription': subscription }),
  };
}

function placesOf({ facts }: AnyOrder): TracePlace[] {
  return facts.flatMap(({ traceparent }) => readTraceparent(traceparent) ?? []);
}

function keyOf({ runId, attempt }: { readonly runId: string; readonly attempt: number }): string {
  return `${runId}.${attempt}`;
}

function instant(at: string): { readonly startMs: number; readonly endMs: number } {
  const startMs = timestampMs(at);
  return { startMs, endMs: startMs };
}

/** The oldest goes when there are too many. */
function remember<K, V>(map: Map<K, V>, key: K, value: V, most: number): void {
  map.set(key, value);
  if (map.size <= most) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
