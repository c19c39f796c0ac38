import { type Alarm, FEDERATION_API, formatTime } from '@signalbox/contracts';
import type { Rule } from './rule.js';

interface WaitingRule {
  readonly plugin: string;
  readonly sinceMs: number;
}

/** The subscriptions whose plugin is not declared, and since when this process knows. */
export class WaitingRules {
  /** By subscription. */
  private waiting = new Map<string, WaitingRule>();

  /** Takes all rules that are in force now. */
  follow(rules: readonly Rule[], nowMs: number): void {
    const before = this.waiting;
    this.waiting = new Map(
      rules
        .filter(({ pluginExists }) => !pluginExists)
        .map(({ subscription, plugin }) => {
          const known = before.get(subscription);
          return [subscription, known?.plugin === plugin ? known : { plugin, sinceMs: nowMs }];
        }),
    );
  }

  /** One alarm per subscription, by name. `waitingFacts`: how many facts of one wait. */
  alarms(waitingFacts: (subscription: string) => number): Alarm[] {
    return [...this.waiting]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { plugin, sinceMs }]): Alarm => {
        const facts = waitingFacts(name);
        const count = facts === 1 ? '1 fact waits' : `${facts} facts wait`;
        return {
          kind: 'plugin-missing',
          name,
          reason: 'plugin-missing',
          resources: [{ apiVersion: FEDERATION_API, kind: 'EventSubscription', name }],
          since: formatTime(sinceMs),
          text: `subscription ${name} waits for Plugin/${plugin}, which is not declared: apply it; ${count}`,
        };
      });
  }
}
