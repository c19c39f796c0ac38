import { CodedError } from '@signalbox/contracts';
import type { Deadline } from '../driver.js';
import type { CallCount } from './api/call-tally.js';
import type { VppClient } from './api/vpp-client.js';

/** Times of a link. Milliseconds. Reference maglev 6.1. */
export const LINK_TIMES = {
  /** Between tries to connect. */
  retryMs: 5_000,
  /** Between looks whether VPP still answers. */
  pingMs: 10_000,
  /** How long it may take to answer one, or to be connected to. */
  answerMs: 5_000,
} as const;

export type LinkTimes = Readonly<Record<keyof typeof LINK_TIMES, number>>;

/** Connects to VPP. Rejects with `data-plane-unavailable`, or `data-plane-refused` for a VPP that does not fit. */
export type Connect = (deadline: Deadline) => Promise<VppClient>;

/**
 * The connection to VPP, made when it is first needed and from then on again and again, until it is closed. It notices a VPP that left by
 * its socket, and one that is deaf by pings.
 */
export class VppLink {
  /** Why there is no connection, once one was tried. */
  trouble: Error | undefined;
  private current: VppClient | undefined;
  private connecting: Promise<VppClient> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isClosed = false;
  private changed: () => void = () => undefined;
  private readonly past = new Map<string, CallCount>();

  constructor(
    private readonly connect: Connect,
    private readonly times: LinkTimes = LINK_TIMES,
  ) {}

  /** The connection that stands. */
  get client(): VppClient | undefined {
    return this.current;
  }

  /** Messages of all connections so far. */
  get calls(): readonly CallCount[] {
    return [...added(this.past, this.current?.calls ?? []).values()];
  }

  /** Calls back when VPP left, and when it is back without anybody having asked for it. */
  onChange(changed: () => void): void {
    this.changed = changed;
  }

  /** The connection; made when there is none. Rejects as {@link Connect}. */
  async open(deadline: Deadline): Promise<VppClient> {
    return this.current ?? this.begin(deadline);
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    const { current } = this;
    this.leave();
    current?.close();
  }

  private begin(deadline: Deadline): Promise<VppClient> {
    if (this.isClosed)
      return Promise.reject(new CodedError('data-plane-unavailable', 'the driver is closed'));
    this.connecting ??= this.tryOnce(deadline).finally(() => (this.connecting = undefined));
    return this.connecting;
  }

  private async tryOnce({ deadlineMs }: Deadline): Promise<VppClient> {
    clearTimeout(this.timer);
    try {
      const client = await this.connect({ deadlineMs: Math.min(deadlineMs, this.times.answerMs) });
      if (this.isClosed) {
        client.close();
        throw new CodedError('data-plane-unavailable', 'the driver is closed');
      }
      this.current = client;
      this.trouble = undefined;
      client.onClose((why) => this.lost(client, why));
      this.later(this.times.pingMs, () => void this.ping(client));
      return client;
    } catch (error) {
      this.trouble = asError(error);
      this.tryLater();
      throw error;
    }
  }

  private async ping(client: VppClient): Promise<void> {
    try {
      await client.call('control_ping', {}, { deadlineMs: this.times.answerMs });
      if (this.current === client) this.later(this.times.pingMs, () => void this.ping(client));
    } catch (error) {
      client.close();
      this.lost(client, asError(error));
    }
  }

  private lost(client: VppClient, why: Error): void {
    if (this.current !== client || this.isClosed) return;
    this.leave();
    this.trouble = why;
    this.tryLater();
    this.changed();
  }

  private leave(): void {
    if (this.current) added(this.past, this.current.calls, this.past);
    this.current = undefined;
  }

  private tryLater(): void {
    if (this.isClosed) return;
    this.later(this.times.retryMs, () => {
      // who waits for it hears of it; why it failed is in `trouble`
      this.begin({ deadlineMs: this.times.answerMs }).then(
        () => this.changed(),
        () => undefined,
      );
    });
  }

  private later(ms: number, work: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(work, ms).unref();
  }
}

/** The counts of both, in `into`. */
function added(
  past: ReadonlyMap<string, CallCount>,
  calls: readonly CallCount[],
  into = new Map(past),
): Map<string, CallCount> {
  for (const call of calls) {
    const key = `${call.direction} ${call.msg} ${call.result}`;
    into.set(key, { ...call, count: call.count + (into.get(key)?.count ?? 0) });
  }
  return into;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
