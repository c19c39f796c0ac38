import { Injectable } from '@nestjs/common';
import { answerEverywhere, Bus } from '@signalbox/bus';
import {
  type Alarm,
  type ListenerCounters,
  NODE_QUESTIONS,
  type NodeAlarmsAnswer,
  type NodeCountersAnswer,
  type NodeQuestion,
  type NodeStateAnswer,
  readCountersQuestion,
  SUBJECTS,
  type UsageAnswer,
} from '@signalbox/contracts';
import { Alarms, Clock, Usage } from '@signalbox/runtime';
import type { Msg } from 'nats';
import { agentAlarms } from './domain/agent-alarms.js';
import { DataPlane } from './data-plane.js';
import { NodeFollower } from './node-follower.js';

/** How long a data plane may take to tell its counters. Milliseconds. */
export const COUNTERS = { deadlineMs: 2000 } as const;

/**
 * Answers to questions on core NATS: those to this node, and those to all nodes, which every agent answers. That is why they are
 * no handlers of a queue group.
 */
@Injectable()
export class NodeAnswers {
  private readonly alarms: () => Alarm[];

  constructor(
    private readonly bus: Bus,
    private readonly plane: DataPlane,
    private readonly follower: NodeFollower,
    private readonly usage: Usage,
    clock: Clock,
    alarms: Alarms,
  ) {
    usage.measure({ 'desired listeners': () => follower.size });
    this.alarms = alarms.register('dataplane-agent', () => this.troubles(clock.now()));
  }

  start(): void {
    for (const question of NODE_QUESTIONS)
      for (const subject of [
        SUBJECTS.askNode(this.plane.node, question),
        SUBJECTS.ask('dataplane-agent', question),
      ])
        answerEverywhere(this.bus, subject, (message) => this.answer(question, message));
  }

  private async answer(
    question: NodeQuestion,
    message: Msg,
  ): Promise<NodeStateAnswer | NodeCountersAnswer | UsageAnswer | NodeAlarmsAnswer> {
    const { node, report, driver } = this.plane;
    switch (question) {
      case 'state':
        return { node, state: 'waiting', listeners: [], ...report };
      case 'counters':
        return { node, listeners: driver ? countersOf(message, await driver.counters(COUNTERS)) : [] };
      case 'alarms':
        return { node, alarms: this.alarms() };
      case 'usage':
        return this.usage.of('dataplane-agent');
    }
  }

  private troubles(nowMs: number): Alarm[] {
    const { node, applier, announcing, report } = this.plane;
    const { failingSinceMs, refusals } = applier;
    const { incomplete } = this.follower;
    const error = report?.error;
    return agentAlarms(
      {
        node,
        listeners: report?.listeners ?? [],
        refusedSinceMs: refusals.sinceMs,
        announcers: announcing.failures,
        ...{ vips: report?.vips ?? [], peers: report?.peers ?? [] },
        ...(error && failingSinceMs !== undefined && { failure: { error, sinceMs: failingSinceMs } }),
        ...(incomplete && { incomplete }),
      },
      nowMs,
    );
  }
}

/** Those that a question is about: all of them, whatever else it says, unless it names a listener. */
function countersOf(message: Msg, all: readonly ListenerCounters[]): readonly ListenerCounters[] {
  const { listener } = readCountersQuestion(message.data);
  return listener === undefined ? all : all.filter((one) => one.listener === listener);
}
