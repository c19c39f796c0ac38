import { Injectable } from '@nestjs/common';
import type { NodeDrainAnswer, NodeDrainRequest } from '@signalbox/contracts';
import { Consequences } from '../changes/consequences.js';
import { operationId } from '../domain/operation-id.js';
import { CommandChannel } from './command-channel.js';
import type { NodeDto } from './nodes.dto.js';
import { NodesReader } from './nodes.reader.js';

/** Drains of nodes: `balancer` decides, the answer is readable everywhere. ADR 0045. */
@Injectable()
export class NodeDrains {
  constructor(
    private readonly channel: CommandChannel,
    private readonly consequences: Consequences,
    private readonly nodes: NodesReader,
  ) {}

  /** The node after the command; `pending` when not everyone has followed yet. Throws `not-found`, `not-ready`. */
  async run(request: NodeDrainRequest): Promise<{ node: NodeDto; pending: boolean; operation?: string }> {
    const { seq } = await this.channel.send<NodeDrainAnswer>('balancer', 'node', request);
    const late = seq === undefined ? [] : await this.consequences.ofNodeDrain(seq);
    return {
      node: await this.nodes.get(request.node),
      pending: late.length > 0,
      ...(seq !== undefined && { operation: operationId('node', seq) }),
    };
  }
}
