import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import {
  CodedError,
  formatTime,
  type ListenerCounters,
  type NodeCountersAnswer,
  type NodeCountersQuestion,
  SUBJECTS,
} from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import { sumOfNodes } from '../domain/listener-stats.js';
import type { ListenerStatsDto } from './listener-stats.dto.js';
import { ListenersReader } from './listeners.reader.js';

/** How long a node may take to tell its counters: longer than its data plane may, which it asks. Milliseconds. */
const ASK_MS = 2500;

/** Asks the nodes of a listener what they counted for it. */
@Injectable()
export class ListenerStatsReader {
  constructor(
    private readonly listeners: ListenersReader,
    private readonly bus: Bus,
    private readonly clock: Clock,
  ) {}

  /** By the scoped name of a listener. Throws `not-found`. A node that does not answer hides no other. */
  async get(listener: string): Promise<ListenerStatsDto> {
    const { name, project, nodes } = await this.listeners.get(listener);
    const serving = nodes.filter(({ listensAt }) => listensAt).map(({ node }) => node);
    const at = formatTime(this.clock.now());
    const told = await Promise.all(
      serving.map(async (node) => ({ node, counters: await this.ask(node, listener) })),
    );
    const answers = told.flatMap(({ node, counters }) => {
      if (!counters) return [];
      const { listener: _known, ...own } = counters;
      return [{ node, ...own }];
    });
    return {
      name,
      ...(project !== undefined && { project }),
      at,
      total: sumOfNodes(answers),
      nodes: answers,
      silent: told.flatMap(({ node, counters }) => (counters ? [] : [node])),
    };
  }

  private async ask(node: string, listener: string): Promise<ListenerCounters | undefined> {
    const question: NodeCountersQuestion = { listener };
    try {
      const subject = SUBJECTS.askNode(node, 'counters');
      const answer = await this.bus.ask<NodeCountersAnswer>(subject, question, ASK_MS);
      // an agent of before answers for all listeners
      return answer?.listeners.find((one) => one.listener === listener);
    } catch (error) {
      if (error instanceof CodedError) return undefined;
      throw error;
    }
  }
}
