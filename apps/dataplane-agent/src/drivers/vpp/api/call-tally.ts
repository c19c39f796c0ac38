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
  private readonly counted: { readonly call: Omit<CallCount, 'count'>; count: number }[] = [];
  /** Where each is, by direction, result and name: a sync has tens of thousands, and a text for each would cost it. */
  private readonly places: Readonly<Record<CallDirection, Record<CallResult, Map<string, number>>>> = {
    send: { success: new Map(), failure: new Map() },
    recv: { success: new Map(), failure: new Map() },
  };

  add(direction: CallDirection, msg: string, result: CallResult): void {
    const places = this.places[direction][result];
    const known = this.counted[places.get(msg) ?? -1];
    if (known) known.count += 1;
    else places.set(msg, this.counted.push({ call: { direction, msg, result }, count: 1 }) - 1);
  }

  /** In the order in which each came first. */
  all(): readonly CallCount[] {
    return this.counted.map(({ call, count }) => ({ ...call, count }));
  }
}
