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
  private readonly counts = new Map<string, { readonly call: Omit<CallCount, 'count'>; count: number }>();

  add(direction: CallDirection, msg: string, result: CallResult): void {
    const key = `${direction} ${msg} ${result}`;
    const known = this.counts.get(key);
    if (known === undefined) this.counts.set(key, { call: { direction, msg, result }, count: 1 });
    else known.count += 1;
  }

  /** In the order in which each came first. */
  all(): readonly CallCount[] {
    return [...this.counts.values()].map(({ call, count }) => ({ ...call, count }));
  }
}
