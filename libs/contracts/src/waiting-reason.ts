/**
 * Why what matched a subscription starts nothing for now, and what is to be done, in words that follow the name of the resource it waits
 * for. Spec/federation "Subscriptions"; the suspension of the subscription itself is told first.
 */
export const WAITING_REASONS = {
  'plugin-missing': 'is not declared: apply it',
  'plugin-suspended': 'is suspended: take spec.suspend away to go on',
  'subscription-suspended': 'is suspended: take spec.suspend away to go on',
} as const;
export type WaitingReason = keyof typeof WAITING_REASONS;
