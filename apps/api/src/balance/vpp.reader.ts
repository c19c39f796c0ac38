import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import {
  CodedError,
  SUBJECTS,
  type VppQuestion,
  type VppSync,
  type VppSyncQuestion,
} from '@signalbox/contracts';

/** How long an agent may take to answer: longer than its VPP may, which it asks. Milliseconds. */
const ASK_MS = 5_000;

/** How long it may take to make VPP as desired: longer than an apply may. Milliseconds. */
const SYNC_MS = 25_000;

/** Asks the agents of nodes about their VPP. */
@Injectable()
export class VppReader {
  constructor(private readonly bus: Bus) {}

  /** Throws `wrong-state` for a node without VPP, `data-plane-unavailable`, and `not-ready` when the agent does not answer. */
  ask<T>(node: string, about: VppQuestion['about']): Promise<T> {
    return this.send(node, 'vpp', { about } satisfies VppQuestion, ASK_MS);
  }

  /** Throws as {@link ask}, and `not-found` for a listener that the node does not have. */
  sync(node: string, question: VppSyncQuestion): Promise<VppSync> {
    return this.send(node, 'vpp-sync', question, SYNC_MS);
  }

  private async send<T>(node: string, question: string, body: object, deadlineMs: number): Promise<T> {
    const answer = await this.bus.ask<T>(SUBJECTS.askNode(node, question), body, deadlineMs);
    if (answer !== undefined) return answer;
    throw new CodedError(
      'not-ready',
      `the agent of node ${node} does not answer: see whether there is such a node, and whether its agent runs`,
    );
  }
}
