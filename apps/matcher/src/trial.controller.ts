import { Payload } from '@nestjs/microservices';
import { MessageController, OnRequest } from '@signalbox/bus';
import {
  CodedError,
  type EventGroupSpec,
  FEDERATION_API,
  givenFacts,
  parseStrictJson,
  SUBJECTS,
  type TryFactsAnswer,
  type TryFactsRequest,
} from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import { waitingOf } from './domain/rule.js';
import { tryFacts } from './domain/try-facts.js';
import { RuleBook } from './rule-book.js';

/** Tells what a subscription would make of facts that nobody observed. */
@MessageController()
export class TrialController {
  constructor(
    private readonly rules: RuleBook,
    private readonly clock: Clock,
  ) {}

  @OnRequest(SUBJECTS.ask('matcher', 'try-facts'))
  tryFacts(@Payload() data: Uint8Array): TryFactsAnswer {
    const { subscription, events } = parseStrictJson(Buffer.from(data).toString()) as TryFactsRequest;
    const rule = this.rules.ruleOf(subscription);
    if (!rule) throw new CodedError('not-found', `EventSubscription/${subscription} is not declared`);
    const nowMs = this.clock.now();
    const facts = givenFacts(events, { group: rule.group, sourceNode: this.nodeOf(rule.group) }, nowMs);
    const { decisions, orders } = tryFacts(rule, facts, nowMs);
    const waiting = waitingOf(rule);
    return {
      tried: facts.map(({ id, type, subject }, index) => ({ id, type, subject, ...decisions[index]! })),
      facts,
      orders,
      ...(waiting && { waiting }),
    };
  }

  /** Whom facts of a group come from that say nothing else. */
  private nodeOf(group: string): string {
    const declared = this.rules.book.get(FEDERATION_API, 'EventGroup', group);
    return (declared?.resource.spec as EventGroupSpec | undefined)?.nodeName ?? 'by-hand';
  }
}
