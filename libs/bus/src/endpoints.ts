/** What was asked of one endpoint since the process started. */
export class EndpointCalls {
  requests = 0;
  errors = 0;
  /** Milliseconds from a request's arrival to its answer, of all of them. */
  workMs = 0;
  lastError = '';

  constructor(
    readonly subject: string,
    /** Empty: every process that listens answers. */
    readonly queue: string,
  ) {}

  /** A request was answered, `beganMs` as `performance.now` said it. `error`: why it was refused. */
  note(beganMs: number, error?: string): void {
    this.requests += 1;
    this.workMs += performance.now() - beganMs;
    if (error === undefined) return;
    this.errors += 1;
    this.lastError = error;
  }
}

/** Whose endpoint a subject is, and what it is called there. */
export interface EndpointName {
  readonly service: string;
  readonly name: string;
}

/** Subjects outside `ask.…` and `cmd.…` on which services answer. */
const WAYS_IN: Readonly<Record<string, EndpointName>> = {
  'emit.>': { service: 'ingest', name: 'emit' },
  'heartbeat.*': { service: 'health', name: 'heartbeat' },
};

/** `ask.<service>.<question>` and `cmd.<service>.<command>` name their service; undefined for what belongs to none. */
export function endpointName(subject: string): EndpointName | undefined {
  const [way = '', service, ...rest] = subject.split('.');
  if (!['ask', 'cmd'].includes(way) || service === undefined || rest.length === 0) return WAYS_IN[subject];
  return { service, name: [way, ...rest].join('-') };
}

/** The endpoints of a process on core NATS: as many as it has handlers. */
export class Endpoints {
  private readonly calls = new Map<string, EndpointCalls>();

  /** What is asked on a subject. */
  of(subject: string, queue: string): EndpointCalls {
    const known = this.calls.get(subject) ?? new EndpointCalls(subject, queue);
    this.calls.set(subject, known);
    return known;
  }

  /** Those of a service, by name. */
  ofService(service: string): (EndpointName & { readonly calls: EndpointCalls })[] {
    return [...this.calls.values()]
      .flatMap((calls) => {
        const endpoint = endpointName(calls.subject);
        return endpoint?.service === service ? [{ ...endpoint, calls }] : [];
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}
