import { type EventGroupSpec, formatTime, goDurationMs } from '@signalbox/contracts';
import type { SenderClock } from '../domain/sender-clocks.js';
import { GroupReceiver } from './group-receiver.js';
import { DEFAULT_REPLAY_WINDOW_MS, RECEIVER_LIMITS } from './limits.js';
import type { ReceiverParts } from './receiver-parts.js';
import { SecretFile } from '@signalbox/runtime';

/** How a group that wants to listen stands. `Pending` always has a reason and heals by itself. */
export interface ReceiverCondition {
  readonly group: string;
  readonly address: string;
  readonly port: number;
  readonly state: 'Listening' | 'Pending';
  readonly reason?: 'secret-missing' | 'port-busy' | 'listen-failed';
  /** What to do, for people. */
  readonly message: string;
  /** When it came to stand so. */
  readonly since: string;
}

/** A spec that listens. */
export type ListeningSpec = EventGroupSpec & {
  readonly listen: { readonly address: string; readonly port: number };
};

type Standing = Pick<ReceiverCondition, 'state' | 'reason' | 'message' | 'since'>;

/**
 * The port of one group: open while there is a secret and the system gives the port, closed otherwise.
 * One change at a time; none of them throws.
 */
export class GroupPort {
  private receiver: GroupReceiver | undefined;
  private secret: SecretFile | undefined;
  private standing: Standing;
  private retry: NodeJS.Timeout | undefined;
  private retryMs: number = RECEIVER_LIMITS.firstRetryMs;
  private queue: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly parts: ReceiverParts,
    private readonly group: string,
    private spec: ListeningSpec,
  ) {
    this.standing = { state: 'Pending', message: 'starting', since: this.now };
  }

  get condition(): ReceiverCondition {
    return { group: this.group, ...this.spec.listen, ...this.standing };
  }

  /** Clocks of those who pushed, by node. */
  senderClocks(): SenderClock[] {
    return this.receiver?.senderClocks() ?? [];
  }

  /** Signed requests that are remembered. */
  get remembered(): number {
    return this.receiver?.remembered ?? 0;
  }

  /** Whether the spec wants another address or port, for which this port must close first. */
  movesTo({ listen }: ListeningSpec): boolean {
    return listen.address !== this.spec.listen.address || listen.port !== this.spec.listen.port;
  }

  /** Brings the port in line with a spec of the same address and port. Resolves when it was tried once. */
  declare(spec: ListeningSpec): Promise<void> {
    this.spec = spec;
    return this.settle();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.retry);
    this.secret?.close();
    await this.queue;
    await this.receiver?.stop();
  }

  private settle(): Promise<void> {
    this.queue = this.queue.then(() => this.settleNow());
    return this.queue;
  }

  private async settleNow(): Promise<void> {
    if (this.stopped) return;
    clearTimeout(this.retry);
    const secret = await this.readSecret();
    if (secret === undefined) {
      await this.receiver?.stop();
      this.receiver = undefined;
      const { path, trouble = 'holds no secret' } = this.secret ?? {};
      const message =
        path === undefined
          ? 'spec.auth.secretFile is not set: name the file that holds the secret'
          : `the secret file ${path} ${trouble}: put the secret into it, readable for ingest`;
      this.become({ state: 'Pending', reason: 'secret-missing', message });
    } else if (this.receiver) this.receiver.update(this.settings(secret));
    else await this.open(secret);
  }

  private async readSecret(): Promise<Buffer | undefined> {
    const path = this.spec.auth?.secretFile;
    if (this.secret?.path !== path) {
      this.secret?.close();
      this.secret =
        path === undefined ? undefined : await new SecretFile(path, () => void this.settle()).open();
    }
    return this.secret?.value;
  }

  private async open(secret: Buffer): Promise<void> {
    const { address, port } = this.spec.listen;
    const receiver = new GroupReceiver(this.parts, this.spec.listen, this.settings(secret));
    try {
      await receiver.start();
    } catch (error) {
      const isBusy = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      const message = isBusy
        ? `port ${port} of ${address} is in use: free it or change spec.listen`
        : `cannot listen on ${address}:${port}: ${(error as Error).message}`;
      this.become({ state: 'Pending', reason: isBusy ? 'port-busy' : 'listen-failed', message });
      this.retry = setTimeout(() => void this.settle(), this.retryMs).unref();
      this.retryMs = Math.min(this.retryMs * 2, RECEIVER_LIMITS.lastRetryMs);
      return;
    }
    this.receiver = receiver;
    this.retryMs = RECEIVER_LIMITS.firstRetryMs;
    this.become({ state: 'Listening', message: `receives on ${address}:${port}` });
  }

  private settings(secret: Buffer): ConstructorParameters<typeof GroupReceiver>[2] {
    const { nodeName, members = [], replayWindow } = this.spec;
    return { group: this.group, nodeName, members, windowMs: windowOf(replayWindow), secrets: [secret] };
  }

  private get now(): string {
    return formatTime(this.parts.clock.now());
  }

  /** One log line per change. */
  private become(standing: Omit<Standing, 'since'>): void {
    const { reason, state, since } = this.standing;
    const isNew = reason !== standing.reason || state !== standing.state;
    this.standing = { ...standing, since: isNew ? this.now : since };
    if (!isNew) return;
    const { group } = this;
    if (standing.state === 'Listening') this.parts.log.info({ group }, standing.message);
    else this.parts.log.warn({ group, reason: standing.reason }, `does not receive: ${standing.message}`);
  }
}

/** Reference 2.1: what is not positive is the default. */
function windowOf(text: string | undefined): number {
  const ms = goDurationMs(text);
  return ms > 0 ? ms : DEFAULT_REPLAY_WINDOW_MS;
}
