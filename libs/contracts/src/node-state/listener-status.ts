/**
 * Whether the nodes of a listener do what is decided. `active`: each serves the newest state of it; `pending`: one does
 * not yet; `error`: one refuses it; `unplaced`: no node serves it; `unknown`: nobody says which nodes shall. Reference
 * load-balancing section 8.
 */
export const PROVISIONING_STATUSES = ['active', 'pending', 'error', 'unplaced', 'unknown'] as const;
export type ProvisioningStatus = (typeof PROVISIONING_STATUSES)[number];

/**
 * Whether clients of a listener are served. `degraded`: a target of the active pool, or of one of its policies, is not up; `draining`: what stands
 * goes on, nothing new is let in; `no-monitor`: nothing is probed. Reference load-balancing section 8.
 */
export const OPERATING_STATUSES = ['online', 'degraded', 'draining', 'offline', 'no-monitor'] as const;
export type OperatingStatus = (typeof OPERATING_STATUSES)[number];
