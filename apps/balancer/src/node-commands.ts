import { Injectable } from '@nestjs/common';
import { CodedError, formatTime, type NodeDrainAnswer, type NodeDrainRequest } from '@signalbox/contracts';
import { Clock, Serial } from '@signalbox/runtime';
import { NodeDrains } from './node-drains.js';
import { NodeStates } from './node-states.js';
import { NodeWriter } from './node-writer.js';

/** What operators do to nodes at run time. */
@Injectable()
export class NodeCommands {
  private readonly serial = new Serial();

  constructor(
    private readonly states: NodeStates,
    private readonly drains: NodeDrains,
    private readonly writer: NodeWriter,
    private readonly clock: Clock,
  ) {}

  /**
   * Drains a node, or has it announce again; a node that stands so already gets no other record, unless for another reason. Resolves when
   * that is stored; the node is told behind it. Throws `not-ready`, and `not-found` for a node that is neither there nor drained.
   */
  async drain(request: NodeDrainRequest): Promise<NodeDrainAnswer> {
    if (!this.writer.isReady)
      throw new CodedError('not-ready', 'balancer is still catching up with its records: try again');
    return this.serial.run(async () => {
      const { node, drained } = request;
      const before = this.drains.of(node);
      if (!before && !this.states.nodes.some(({ name }) => name === node))
        throw new CodedError('not-found', `there is no node "${node}"`);
      const isSame =
        drained === (before !== undefined) && (request.reason ?? before?.reason) === before?.reason;
      if (!isSame) {
        await this.drains.append({ ...request, at: formatTime(this.clock.now()) });
        this.writer.drainChanged(node);
      }
      const seq = this.drains.seqOf(node);
      return seq === undefined ? {} : { seq };
    });
  }
}
