import type { TargetCounters } from '../driver.js';

/** What a listener carries to a target: a connection, or a flow of datagrams. */
export interface Carried {
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Ends it when nothing moved for longer than it may. `nowMs`: of the clock that all looks at it go by. */
  look(nowMs: number): void;
  /** Ends it now, on both sides. */
  cut(): void;
}

/** One server behind a listener, with what it has now and counts of what it had. */
export class Target {
  /** What stands, or is being connected. */
  readonly carried = new Set<Carried>();
  connectionsTotal = 0;
  errorsTotal = 0;
  private endedIn = 0;
  private endedOut = 0;

  constructor(
    readonly address: string,
    readonly port: number,
  ) {}

  /** Takes one off that ended, and keeps what it had carried. */
  end(carried: Carried): void {
    if (!this.carried.delete(carried)) return;
    this.endedIn += carried.bytesIn;
    this.endedOut += carried.bytesOut;
  }

  /** Cuts all; says how many. */
  flush(): number {
    const cut = [...this.carried];
    for (const carried of cut) carried.cut();
    return cut.length;
  }

  /** Bytes are asked of what stands only here: carrying costs no counting. */
  counters(): TargetCounters {
    let [bytesIn, bytesOut] = [this.endedIn, this.endedOut];
    for (const carried of this.carried) {
      bytesIn += carried.bytesIn;
      bytesOut += carried.bytesOut;
    }
    const { address, port, connectionsTotal, errorsTotal } = this;
    return {
      address,
      port,
      connections: this.carried.size,
      connectionsTotal,
      errorsTotal,
      bytesIn,
      bytesOut,
    };
  }
}
