import { CodedError } from '@signalbox/contracts';
import { AckPolicy, type Consumer, DeliverPolicy, type JsMsg, nanos, nuid, ReplayPolicy } from 'nats';
import type { Bus } from './bus.js';
import type { StreamMessage } from './stream-message.js';
import { SupervisedReader } from './supervised-reader.js';

/** The server forgets a consumer from which nobody reads for so long. Milliseconds. */
const FORGOTTEN_MS = 30_000;

export interface LatestOptions {
  /** What is read or what for: begins the name of the consumer, so only letters, digits and `-`. */
  readonly name: string;
  readonly stream: string;
  readonly filter: string;
  /** Everything is told anew from here on: at the start, and after the connection or the stream was lost. */
  readonly onBegin: () => void;
  /** In the order of the stream. What it throws is a defect. */
  readonly onMessage: (message: StreamMessage) => void;
}

/**
 * Reads the last message of each subject, in the order of the stream, and then every one that comes: what a bucket of keys
 * says, whatever happened to it meanwhile. For what fits into memory; a stream that is made anew is read from its beginning.
 */
export class LatestReader {
  private readonly reader: SupervisedReader;
  private deliverySeq = 0;
  private openings = 0;
  private consumer: string | undefined;

  constructor(
    private readonly bus: Bus,
    private readonly options: LatestOptions,
  ) {
    this.reader = new SupervisedReader(bus, {
      name: `${bus.name} ${options.name}`,
      open: () => this.open(),
      onMessage: (message) => this.receive(message),
    });
  }

  /** The consumer goes as well, when NATS is there to be told; else it goes by itself after a while. */
  async stop(): Promise<void> {
    await this.reader.stop();
    const { consumer } = this;
    if (consumer !== undefined) await this.bus.dropConsumer(this.options.stream, consumer);
  }

  private async open(): Promise<Consumer> {
    const { stream, filter, name } = this.options;
    const opening = ++this.openings;
    const info = await this.bus.manager.consumers.add(stream, {
      name: `${this.bus.name}-${name}-${nuid.next()}`,
      description: `${this.bus.name}: ${name}`,
      ack_policy: AckPolicy.None,
      deliver_policy: DeliverPolicy.LastPerSubject,
      replay_policy: ReplayPolicy.Instant,
      inactive_threshold: nanos(FORGOTTEN_MS),
      max_deliver: 1,
      mem_storage: true,
      filter_subject: filter,
    });
    if (opening !== this.openings)
      throw new CodedError('nats-unavailable', `the consumer ${info.name} came too late`);
    this.consumer = info.name;
    this.deliverySeq = 0;
    this.options.onBegin();
    return this.bus.jetstream.consumers.get(stream, info.name);
  }

  /** A gap asks for a restart: nothing is skipped. */
  private receive(message: JsMsg): boolean {
    const { info } = message;
    if (info.deliverySequence !== this.deliverySeq + 1) return false;
    this.deliverySeq = info.deliverySequence;
    this.options.onMessage({
      stream: info.stream,
      seq: info.streamSequence,
      subject: message.subject,
      data: message.data,
      time: Math.floor(info.timestampNanos / 1e6),
      ...(message.headers && { headers: message.headers }),
    });
    return true;
  }
}
