import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span as it came by OTLP over HTTP, in JSON. */
export interface SeenSpan {
  readonly service: string;
  readonly instance: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly error: string | undefined;
  readonly attributes: Readonly<Record<string, string>>;
}

interface KeyValue {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface Posted {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeSpans: readonly {
      readonly spans: readonly (Omit<SeenSpan, 'attributes' | 'links'> & {
        readonly attributes?: readonly KeyValue[];
        readonly links?: SeenSpan['links'];
        readonly status?: { readonly code?: number; readonly message?: string };
      })[];
    }[];
  }[];
}

/** Takes traces by OTLP over HTTP, as a collector does. */
export class TraceCollector {
  readonly spans: SeenSpan[] = [];
  private server: Server | undefined;

  static async start(): Promise<TraceCollector> {
    const collector = new TraceCollector();
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        collector.take(JSON.parse(Buffer.concat(chunks).toString()) as Posted);
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
    collector.server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return collector;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server!.address() as AddressInfo).port}`;
  }

  /** All of a trace. */
  of(traceId: string): readonly SeenSpan[] {
    return this.spans.filter((span) => span.traceId === traceId);
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }

  private take({ resourceSpans }: Posted): void {
    for (const { resource, scopeSpans } of resourceSpans) {
      const of = textsOf(resource.attributes);
      for (const { spans } of scopeSpans)
        for (const { attributes = [], links = [], status, ...span } of spans)
          this.spans.push({
            ...{ service: of['service.name'] ?? '', instance: of['service.instance.id'] ?? '' },
            ...{ name: span.name, traceId: span.traceId, spanId: span.spanId },
            ...{ parentSpanId: span.parentSpanId ?? '', links },
            error: status?.code === 2 ? (status.message ?? '') : undefined,
            attributes: textsOf(attributes),
          });
    }
  }
}

function textsOf(attributes: readonly KeyValue[]): Record<string, string> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, String(Object.values(value)[0])]));
}
