import { Injectable } from '@nestjs/common';
import { Bus, FencedWriter, getLast } from '@signalbox/bus';
import { type NodeDrain, STREAMS, SUBJECTS } from '@signalbox/contracts';
import { DataSource } from 'typeorm';

/** Which nodes operators drained: `journal.node.>`. Its one writer. ADR 0045. */
@Injectable()
export class NodeDrains {
  /** The newest of each node. */
  private readonly newest = new Map<string, { readonly drain: NodeDrain; readonly seq: number }>();
  /** Nodes whose place in the journal is known. */
  private readonly opened = new Set<string>();
  private readonly writer: FencedWriter<NodeDrain>;

  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
  ) {
    this.writer = new FencedWriter(bus, {
      stream: STREAMS.journal,
      subjectOf: ({ node }) => SUBJECTS.nodeJournal(node),
      idOf: ({ node, drained, at }) => `node-drain:${node}:${drained}:${at}`,
      merge: (_older, newer) => newer,
    });
  }

  /** Reads the projection, which has to be caught up. */
  async load(): Promise<void> {
    const rows = await this.dataSource.query<
      (Omit<NodeDrain, 'reason'> & { reason: string | null; seq: number })[]
    >('select node, seq, drained, at, author, reason from node_drains');
    for (const { seq, reason, ...drain } of rows)
      this.newest.set(drain.node, { seq, drain: { ...drain, ...(reason !== null && { reason }) } });
  }

  /** What holds of a node; undefined: it is not drained. */
  of(node: string): NodeDrain | undefined {
    const drain = this.newest.get(node)?.drain;
    return drain?.drained === true ? drain : undefined;
  }

  /** Sequence of the newest record of a node; undefined: there is none. */
  seqOf(node: string): number | undefined {
    return this.newest.get(node)?.seq;
  }

  /**
   * Resolves with its sequence when the record is stored, and in force. Sent again until that is certain: a drain whose ack got lost must
   * not come into force by surprise. Rejects with `nats-unavailable` only when stopped.
   */
  async append(drain: NodeDrain): Promise<number> {
    const { node } = drain;
    if (!this.opened.has(node)) {
      const subject = SUBJECTS.nodeJournal(node);
      const last = await getLast(this.bus, STREAMS.journal, subject);
      this.writer.resume(subject, last?.seq ?? 0);
      this.opened.add(node);
    }
    const seq = await this.writer.append(drain);
    this.newest.set(node, { drain, seq });
    return seq;
  }

  stop(): void {
    this.writer.stop();
  }
}
