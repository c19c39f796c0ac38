/** Which way a message went. */
export type CallDirection = 'send' | 'recv';

/** `failure`: it could not be sent, said no, came too late, or could not be read. */
export type CallResult = 'success' | 'failure';

/** How many messages went by, for `maglev_vpp_api_total`. */
export interface CallCount {
  readonly direction: CallDirection;
  readonly msg: string;
  readonly result: CallResult;
  readonly count: number;
}

/** Counts of all messages of a client. Bounded: only names of the description are counted, all others as `unknown`. */
export class CallTally {
  private readonly counts = new Map<string, CallCount>();

  add(direction: CallDirection, msg: string, result: CallResult): void {
    const key = `${direction} ${msg} ${result}`;
    const count = (this.counts.get(key)?.count ?? 0) + 1;
    this.counts.set(key, { direction, msg, result, count });
  }

  /** In the order in which each came first. */
  all(): readonly CallCount[] {
    return [...this.counts.values()];
  }
}
