import type { NodeRecord, NodeVipReport } from '@signalbox/contracts';

/** What every node said last of its VIPs: a fold of its records. */
export class VipReports {
  /** Address → node → what it said. */
  private readonly known = new Map<string, Map<string, NodeVipReport>>();

  /** VIPs that some node said something of. */
  get size(): number {
    return this.known.size;
  }

  /** A record of a node: one that is whole leaves nothing of before. */
  take({ node, whole, goneVips = [], vips = [] }: NodeRecord): void {
    for (const address of whole ? [...this.known.keys()] : goneVips) this.forget(node, address);
    for (const report of vips) this.put(node, report);
  }

  /** What a node said of one VIP. */
  put(node: string, report: NodeVipReport): void {
    const nodes = this.known.get(report.address) ?? new Map<string, NodeVipReport>();
    nodes.set(node, report);
    this.known.set(report.address, nodes);
  }

  /** What nodes said of a VIP, by node. */
  of(address: string): ReadonlyMap<string, NodeVipReport> {
    return this.known.get(address) ?? NOTHING;
  }

  private forget(node: string, address: string): void {
    const nodes = this.known.get(address);
    nodes?.delete(node);
    if (nodes?.size === 0) this.known.delete(address);
  }
}

const NOTHING: ReadonlyMap<string, NodeVipReport> = new Map();
