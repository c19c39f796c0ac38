import { type Alarm, FEDERATION_API, formatTime } from '@signalbox/contracts';
import type { Rule } from './rule.js';

interface WaitingRule {
  readonly plugin: string;
  readonly why: (typeof WHY)[keyof typeof WHY];
  readonly sinceMs: number;
}

/** Why a plugin does not run: what the alarm is called, and what is to be done. */
const WHY = {
  missing: { kind: 'plugin-missing', text: 'is not declared: apply it' },
  suspended: { kind: 'plugin-suspended', text: 'is suspended: take spec.suspend away to go on' },
} as const;

/** The subscriptions whose plugin is not declared or suspended, and since when this process knows. */
export class WaitingRules {
  /** By subscription. */
  private waiting = new Map<string, WaitingRule>();

  /** Takes all rules that are in force now. */
  follow(rules: readonly Rule[], nowMs: number): void {
    const before = this.waiting;
    this.waiting = new Map(
      rules
        .filter(({ pluginExists, isSuspended }) => !pluginExists || isSuspended)
        .map(({ subscription, plugin, pluginExists }) => {
          const why = pluginExists ? WHY.suspended : WHY.missing;
          const known = before.get(subscription);
          const isKnown = known?.plugin === plugin && known.why === why;
          return [subscription, isKnown ? known : { plugin, why, sinceMs: nowMs }];
        }),
    );
  }

  /** One alarm per subscription, by name. `waitingFacts`: how many facts of one wait. */
  alarms(waitingFacts: (subscription: string) => number): Alarm[] {
    return [...this.waiting]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { plugin, why, sinceMs }]): Alarm => {
        const facts = waitingFacts(name);
        const count = facts === 1 ? '1 fact waits' : `${facts} facts wait`;
        return {
          kind: why.kind,
          name,
          reason: why.kind,
          resources: [{ apiVersion: FEDERATION_API, kind: 'EventSubscription', name }],
          since: formatTime(sinceMs),
          text: `subscription ${name} waits for Plugin/${plugin}, which ${why.text}; ${count}`,
        };
      });
  }
}
