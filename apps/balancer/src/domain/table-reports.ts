import type { NodeListenerReport, NodeRecord } from '@signalbox/contracts';

/** What a node said last of a listener. */
export interface TableReport {
  readonly node: string;
  readonly digest: string;
  /** Absent: it has no table. */
  readonly tableDigest?: string;
  /** When it said so. */
  readonly at: string;
}

/** What every node said last of the tables of its listeners: a fold of its records. */
export class TableReports {
  /** Listener → node → what it said. */
  private readonly known = new Map<string, Map<string, TableReport>>();

  /** Listeners that some node said something of. */
  get size(): number {
    return this.known.size;
  }

  /** A record of a node: one that is whole leaves nothing of before. */
  take({ node, at, whole, gone, listeners }: NodeRecord): void {
    for (const listener of whole ? [...this.known.keys()] : gone) this.forget(node, listener);
    for (const report of listeners) this.put(node, report, at);
  }

  /** What a node said of one listener. */
  put(node: string, { name, digest, tableDigest }: NodeListenerReport, at: string): void {
    const nodes = this.known.get(name) ?? new Map<string, TableReport>();
    nodes.set(node, { node, digest, at, ...(tableDigest !== undefined && { tableDigest }) });
    this.known.set(name, nodes);
  }

  /** By listener. */
  *[Symbol.iterator](): Iterator<readonly [listener: string, nodes: readonly TableReport[]]> {
    for (const [listener, nodes] of this.known) yield [listener, [...nodes.values()]];
  }

  private forget(node: string, listener: string): void {
    const nodes = this.known.get(listener);
    nodes?.delete(node);
    if (nodes?.size === 0) this.known.delete(listener);
  }
}
