import {
  type Context,
  diag,
  DiagLogLevel,
  type Link,
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Tracer,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  type IdGenerator,
  RandomIdGenerator,
} from '@opentelemetry/sdk-trace-base';
import { productManifest, type ServiceName, type TracePlace } from '@signalbox/contracts';
import type { Log } from '../log.js';
import { type OpenStep, type StepEnd, type TraceStep, Tracing } from './tracing.js';

/** Most steps that one step is linked to: a batch may have hundreds of facts. */
const MOST_LINKS = 32;

/**
 * Steps as spans, sent by OTLP over HTTP. Endpoint, headers, sampling and batching are those of the standard's environment variables. Each
 * service is one of its own, also where one process has them all.
 */
export class OtelTracing extends Tracing {
  readonly isOn = true;
  private readonly ids = new ChosenIds();
  private readonly spans = new BatchSpanProcessor(new OTLPTraceExporter());
  private readonly tracers = new Map<ServiceName, Tracer>();

  constructor(
    private readonly env: Readonly<Record<string, string | undefined>>,
    private readonly site: string,
    log: Log,
  ) {
    super();
    diag.setLogger(
      {
        error: (message) => log.warn({ reason: message }, 'traces could not be told'),
        warn: (message) => log.warn({ reason: message }, 'traces'),
        ...{ info: () => undefined, debug: () => undefined, verbose: () => undefined },
      },
      DiagLogLevel.WARN,
    );
  }

  begin({ service, name, parent, place, links = [], attributes = {}, startMs }: TraceStep): OpenStep {
    this.ids.next = place;
    const span = this.tracerOf(service).startSpan(
      name,
      {
        attributes: { ...attributes },
        links: links.slice(0, MOST_LINKS).map(linkTo),
        ...(startMs !== undefined && { startTime: startMs }),
      },
      parent ? contextOf(parent) : ROOT_CONTEXT,
    );
    const { traceId, spanId, traceFlags } = span.spanContext();
    return {
      place: { traceId, spanId, isSampled: (traceFlags & TraceFlags.SAMPLED) !== 0 },
      end: ({ endMs, error, attributes: more }: StepEnd = {}) => {
        if (more) span.setAttributes({ ...more });
        if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
        span.end(endMs);
      },
    };
  }

  async stop(): Promise<void> {
    await this.spans.shutdown();
  }

  private tracerOf(service: ServiceName): Tracer {
    const known = this.tracers.get(service);
    if (known) return known;
    const { version } = productManifest();
    const prefix = this.env['OTEL_SERVICE_NAME']?.trim() || 'signalbox';
    const own = resourceFromAttributes({
      'service.name': `${prefix}-${service}`,
      'service.namespace': prefix,
      'service.version': version,
      'service.instance.id': this.site,
    });
    const resource = detectResources({ detectors: [envDetector] }).merge(own);
    const provider = new BasicTracerProvider({
      resource,
      idGenerator: this.ids,
      spanProcessors: [this.spans],
    });
    const tracer = provider.getTracer('signalbox', version);
    this.tracers.set(service, tracer);
    return tracer;
  }
}

/** Gives the next span the id that was chosen for it. */
class ChosenIds implements IdGenerator {
  next: TracePlace | undefined;
  private readonly random = new RandomIdGenerator();

  readonly generateTraceId = (): string => this.next?.traceId ?? this.random.generateTraceId();

  readonly generateSpanId = (): string => {
    const chosen = this.next?.spanId;
    this.next = undefined;
    return chosen ?? this.random.generateSpanId();
  };
}

function contextOf(place: TracePlace): Context {
  return trace.setSpanContext(ROOT_CONTEXT, { ...idsOf(place), isRemote: true });
}

function linkTo(place: TracePlace): Link {
  return { context: idsOf(place) };
}

function idsOf({ traceId, spanId, isSampled }: TracePlace) {
  return { traceId, spanId, traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE };
}
