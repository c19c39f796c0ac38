import type { Check } from './check.js';

/** One thing that an operator may do. Reference 9.3. */
export interface RemediationAction {
  readonly action: string;
  readonly reason: string;
  readonly targetGroup?: string;
  readonly targetPeer?: string;
  readonly targetResource?: string;
  /** Nothing can get worse by it. */
  readonly safe: boolean;
  readonly requiresOperatorApproval: boolean;
  /** The command to begin with. */
  readonly command?: string;
}

interface Known {
  readonly action: string;
  readonly safe: boolean;
}

/** What to do for a check that is not well, by its code. The first seven: reference 9.3. */
const ACTIONS: Readonly<Record<string, Known>> = {
  'failed-deliveries': { action: 'retry-failed-deliveries', safe: true },
  'pending-deliveries': { action: 'investigate-pending-deliveries', safe: true },
  'stale-ttl': { action: 'force-repush-stale-ttl', safe: true },
  'delivery-lag': { action: 'check-peer-connectivity', safe: true },
  'expected-delivery-no-endpoint': { action: 'configure-peer-endpoint', safe: false },
  'expected-delivery': { action: 'investigate-missing-delivery-rows', safe: true },
  'subscription-runs': { action: 'inspect-failed-subscription-runs', safe: true },
  'open-membership': { action: 'declare-group-members', safe: false },
  'clock-skew': { action: 'synchronize-clocks', safe: false },
  'disk-free': { action: 'free-disk-space', safe: false },
  'key-file': { action: 'restrict-key-file', safe: false },
  'key-age': { action: 'rotate-key', safe: false },
  'nats-sync': { action: 'harden-nats-settings', safe: false },
  'nats-max-payload': { action: 'harden-nats-settings', safe: false },
  'nats-tls': { action: 'harden-nats-settings', safe: false },
  'postgres-durability': { action: 'harden-postgres-settings', safe: false },
  'projection-lag': { action: 'inspect-projection-lag', safe: true },
  'consumer-lag': { action: 'inspect-consumer-lag', safe: true },
  'dead-letters': { action: 'inspect-dead-letters', safe: true },
  'service-ready': { action: 'inspect-service', safe: true },
};

/** An alarm, or a check that came later. */
const OTHERWISE: Known = { action: 'inspect', safe: true };

/**
 * What to do about all that warns or fails: one action for each (action, group, peer, resource), in that order, so that
 * the same checks always give the same plan. Only what changes nothing that works is safe; the rest needs approval.
 */
export function remediationPlan(checks: readonly Check[]): RemediationAction[] {
  const actions = new Map<string, RemediationAction>();
  for (const check of checks) {
    if (check.status !== 'warn' && check.status !== 'fail') continue;
    const { code, group, peer, resource, detail, remedy } = check;
    const known = Object.hasOwn(ACTIONS, code) ? ACTIONS[code] : undefined;
    const { action, safe } = known ?? OTHERWISE;
    const target = known && group === undefined && resource === undefined ? check.name : resource;
    const key = [action, group ?? '', peer ?? '', target ?? check.name].join('\0');
    if (actions.has(key)) continue;
    actions.set(key, {
      action,
      reason: `${code}: ${detail}`,
      ...(group !== undefined && { targetGroup: group }),
      ...(peer !== undefined && { targetPeer: peer }),
      ...(target !== undefined && { targetResource: target }),
      safe,
      requiresOperatorApproval: !safe,
      ...(remedy !== undefined && { command: remedy }),
    });
  }
  return [...actions].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, action]) => action);
}
