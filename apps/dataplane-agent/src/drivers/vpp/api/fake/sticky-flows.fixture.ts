/** Entries of a bucket of the table. `lbhash.h`. */
const ENTRIES_PER_BUCKET = 4;

interface StickyFlow {
  readonly vip: number;
  readonly server: number;
  seen: number;
}

/** Flows that go on to the server that they began with, until they are silent for as long as the table remembers. One worker has one. */
export class StickyFlows {
  private readonly flows = new Map<string, StickyFlow>();

  constructor(
    private readonly now: () => number,
    private readonly conf: { readonly buckets: number; readonly timeout: number },
  ) {}

  /** The server of a flow that is known, which was seen now. */
  serverOf(key: string): number | undefined {
    const flow = this.flows.get(key);
    if (flow === undefined || this.isOver(flow)) return undefined;
    flow.seen = this.now();
    return flow.server;
  }

  /** False: the table is full, and the flow is not remembered. */
  begin(key: string, vip: number, server: number): boolean {
    if (this.flows.size >= this.conf.buckets * ENTRIES_PER_BUCKET) return false;
    this.flows.set(key, { vip, server, seen: this.now() });
    return true;
  }

  /** Of a VIP, or of one server of it. */
  flush(vip: number, server?: number): void {
    for (const [key, flow] of this.flows)
      if (flow.vip === vip && (server === undefined || flow.server === server)) this.flows.delete(key);
  }

  countOf(server: number): number {
    let count = 0;
    for (const flow of this.flows.values()) if (flow.server === server && !this.isOver(flow)) count += 1;
    return count;
  }

  private isOver(flow: StickyFlow): boolean {
    return this.now() > flow.seen + this.conf.timeout;
  }
}

/** Any spread will do: the flow hash of the plugin is of packets. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash ^ (hash >>> 15);
}
