import { type Msg, nuid } from 'nats';
import { type Bus, isInbox } from './bus.js';
import type { EndpointCalls } from './endpoints.js';
import { unlessClosing } from './unless-closing.js';

/** Who a service says that it is. NATS ADR-32. */
export interface ServiceIdentity {
  /** As in `ask.<service>.…`. */
  readonly name: string;
  /** A semantic version. */
  readonly version: string;
  readonly description: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Tells it apart from others that answer the same. */
type ServiceInstance = ServiceIdentity & { readonly id: string; readonly started: string };

const VERBS = ['PING', 'INFO', 'STATS'] as const;
type Verb = (typeof VERBS)[number];

/**
 * Answers `$SRV.PING`, `$SRV.INFO` and `$SRV.STATS`, asked of all services, of those of a name, and of one by its id, with what
 * {@link Bus.endpoints} counts: the services framework of NATS (ADR-32), which `nats micro` speaks. It is ours, because the one of
 * the client answers on any subject that an asker names, and gives up at the first right that is missing.
 */
export class ServiceAnswers {
  private readonly instance: ServiceInstance;

  constructor(
    private readonly bus: Bus,
    identity: ServiceIdentity,
    startedAt: string,
  ) {
    this.instance = { ...identity, id: nuid.next(), started: startedAt };
  }

  /** From now on, until the connection closes. */
  start(): void {
    const { name, id } = this.instance;
    for (const subject of ['$SRV.*', `$SRV.*.${name}`, `$SRV.*.${name}.${id}`])
      unlessClosing(() =>
        this.bus.connection.subscribe(subject, {
          callback: (error, message) => {
            if (!error) this.reply(message);
          },
        }),
      );
  }

  private reply(message: Msg): void {
    const verb = VERBS.find((one) => one === message.subject.split('.')[1]);
    if (verb !== undefined && isInbox(message.reply))
      unlessClosing(() => message.respond(JSON.stringify(this.answer(verb))));
  }

  private answer(verb: Verb): object {
    const { name, id, version, metadata, description, started } = this.instance;
    const about = { type: `io.nats.micro.v1.${verb.toLowerCase()}_response`, name, id, version, metadata };
    const endpoints = this.bus.endpoints.ofService(name);
    switch (verb) {
      case 'PING':
        return about;
      case 'INFO':
        return {
          ...about,
          description,
          endpoints: endpoints.map(({ name: endpoint, calls }) => ({
            name: endpoint,
            ...placeOf(calls),
            metadata: null,
          })),
        };
      case 'STATS':
        return {
          ...about,
          started,
          endpoints: endpoints.map(({ name: endpoint, calls }) => ({
            name: endpoint,
            ...placeOf(calls),
            ...statsOf(calls),
          })),
        };
    }
  }
}

function placeOf({ subject, queue }: EndpointCalls): object {
  return { subject, queue_group: queue };
}

/** Times in nanoseconds, as the framework has them. */
function statsOf({ requests, errors, lastError, workMs }: EndpointCalls): object {
  const nanos = Math.round(workMs * 1e6);
  return {
    num_requests: requests,
    num_errors: errors,
    last_error: lastError,
    processing_time: nanos,
    average_processing_time: requests === 0 ? 0 : Math.round(nanos / requests),
  };
}
