import {
  type Alarm,
  FEDERATION_API,
  formatTime,
  subscriptionOwner,
  WAITING_REASONS,
  type WaitingReason,
} from '@signalbox/contracts';
import { type Rule, waitingOf } from './rule.js';

interface WaitingRule {
  readonly waitsFor: string;
  readonly reason: WaitingReason;
  readonly sinceMs: number;
}

/** The subscriptions that start nothing, because they are suspended or their plugin is or is not declared, and since when this process knows. */
export class WaitingRules {
  /** By subscription. */
  private waiting = new Map<string, WaitingRule>();

  /** Takes all rules that are in force now. */
  follow(rules: readonly Rule[], nowMs: number): void {
    const before = this.waiting;
    this.waiting = new Map(
      rules.flatMap((rule) => {
        const waiting = waitingOf(rule);
        if (!waiting) return [];
        const known = before.get(rule.subscription);
        const isKnown = known?.waitsFor === waiting.waitsFor && known.reason === waiting.reason;
        return [[rule.subscription, isKnown ? known : { ...waiting, sinceMs: nowMs }]];
      }),
    );
  }

  /** One alarm per subscription, by name. `waitingFacts`: how many facts of one wait. */
  alarms(waitingFacts: (subscription: string) => number): Alarm[] {
    return [...this.waiting]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { waitsFor, reason, sinceMs }]): Alarm => {
        const facts = waitingFacts(name);
        const count = facts === 1 ? '1 fact waits' : `${facts} facts wait`;
        return {
          kind: reason,
          name,
          reason,
          resources: [{ apiVersion: FEDERATION_API, kind: 'EventSubscription', name }],
          since: formatTime(sinceMs),
          text: `${waitsFor === subscriptionOwner(name) ? waitsFor : `subscription ${name} waits for ${waitsFor}, which`} ${WAITING_REASONS[reason]}; ${count}`,
        };
      });
  }
}
