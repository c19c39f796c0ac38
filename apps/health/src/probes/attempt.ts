import type { ProbeCode, ProbeLayer } from '@signalbox/contracts';
import { failureText, readable } from './failure-text.js';
import { shortageOf } from './local-shortage.js';
import type { ProbeResult } from './probe.js';
import { openFailure } from './source-address.js';

const TIMED_OUT = {
  L4: ['L4TOUT', 'no connection'],
  L6: ['L6TOUT', 'no TLS handshake'],
  L7: ['L7TOUT', 'no response'],
} as const satisfies Record<ProbeLayer, readonly [ProbeCode, string]>;

const FAILED = { L4: 'L4CON', L6: 'L6RSP', L7: 'L7RSP' } as const satisfies Record<ProbeLayer, ProbeCode>;

/**
 * One probe in work: the layer it has reached, its one deadline, its one result, and what it holds. Whatever comes
 * after the result is ignored.
 */
export class Attempt {
  readonly result: Promise<ProbeResult>;
  private layer: ProbeLayer = 'L4';
  private remarked = '';
  private isSettled = false;
  private resolve!: (result: ProbeResult) => void;
  private readonly startedMs = performance.now();
  private readonly timer: NodeJS.Timeout;
  private readonly releases: (() => void)[] = [];
  private readonly cancel = (): void => this.settle(false, TIMED_OUT[this.layer][0], 'cancelled');

  constructor(
    private readonly timeoutMs: number,
    private readonly signal: AbortSignal,
  ) {
    this.result = new Promise((resolve) => (this.resolve = resolve));
    this.timer = setTimeout(() => this.onDeadline(), timeoutMs);
    signal.addEventListener('abort', this.cancel);
    if (signal.aborted) this.cancel();
  }

  get isOver(): boolean {
    return this.isSettled;
  }

  /** From here on the deadline and {@link break} tell of this layer. */
  enter(layer: ProbeLayer): void {
    this.layer = layer;
  }

  /** What is known already stands before the detail of a failure from here on. */
  remark(text: string): void {
    this.remarked = `${text}: `;
  }

  /**
   * `release` is called once, when there is a result; what was held last is released first. Node 20 dies (SIGSEGV)
   * when a TCP socket is destroyed before the TLS socket on it in the event of its handshake.
   */
  hold(release: () => void): void {
    if (this.isSettled) release();
    else this.releases.push(release);
  }

  pass(code: ProbeCode, detail: string, degraded?: string): void {
    this.settle(true, code, detail, degraded === undefined ? {} : { degraded });
  }

  fail(code: ProbeCode, detail: string): void {
    this.settle(false, code, this.remarked + detail);
  }

  /** Ends without a verdict: we are short of something ourselves, which says nothing about the target. */
  giveUp(cause: string, detail: string): void {
    this.settle(false, FAILED.L4, detail, { shortage: cause });
  }

  /** Nothing can be sent to the target, by what the kernel says. */
  failToReach(error: Error, source: string | undefined): void {
    const cause = shortageOf(error);
    const detail = openFailure(error, source);
    if (cause === undefined) this.fail('L4CON', detail);
    else this.giveUp(cause, detail);
  }

  /**
   * Fails in the layer it has reached. A timeout of the kernel may be shorter than ours. What TLS says is of its layer
   * whenever it comes: a server of TLS 1.3 refuses a client's certificate when the client has long begun to speak.
   */
  break(error: unknown): void {
    const cause = shortageOf(error);
    if (cause !== undefined) return this.giveUp(cause, failureText(error));
    const { code } = error as NodeJS.ErrnoException;
    const layer = code?.startsWith('ERR_SSL_') ? 'L6' : this.layer;
    this.fail(code === 'ETIMEDOUT' ? TIMED_OUT[layer][0] : FAILED[layer], failureText(error));
  }

  /** The next step, called later by a socket: nothing happens when there is a result, an exception is a failure. */
  step<A extends unknown[]>(act: (...args: A) => void): (...args: A) => void {
    return (...args) => {
      if (this.isSettled) return;
      try {
        act(...args);
      } catch (error) {
        this.break(error);
      }
    };
  }

  private onDeadline(): void {
    const [code, what] = TIMED_OUT[this.layer];
    this.fail(code, `${what} within ${Math.round(this.timeoutMs)} ms`);
  }

  private settle(
    ok: boolean,
    code: ProbeCode,
    detail: string,
    more: Pick<ProbeResult, 'degraded' | 'shortage'> = {},
  ): void {
    if (this.isSettled) return;
    this.isSettled = true;
    clearTimeout(this.timer);
    this.signal.removeEventListener('abort', this.cancel);
    while (this.releases.length > 0) this.releases.pop()?.();
    const durationMs = performance.now() - this.startedMs;
    this.resolve({ ok, layer: layerOf(code), code, detail: readable(detail), durationMs, ...more });
  }
}

function layerOf(code: ProbeCode): ProbeLayer {
  return code.slice(0, 2) as ProbeLayer;
}
