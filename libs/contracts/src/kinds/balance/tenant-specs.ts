/**
 * Typed specs of the kinds that tell tenants apart; the JSON Schemas beside the kinds accept exactly these shapes. ADR 0029,
 * spec/balance "Resources".
 */

/** A tenant. */
export interface OrgSpec {
  /** For people; nothing reads it. */
  readonly description?: string;
}

/** A project and the org that owns it; its resources are those whose `metadata.project` is its name. */
export interface ProjectSpec {
  /** For people; nothing reads it. */
  readonly description?: string;
  /** Name of the Org that owns it. */
  readonly org: string;
}

/** Most resources of each kind in one project, or in all projects of one org: exactly one of the two is named. */
export interface QuotaSpec {
  /** For people; nothing reads it. */
  readonly description?: string;
  /** Name of the Org whose projects are counted together. */
  readonly org?: string;
  /** Name of the project that is counted. */
  readonly project?: string;
  /** Most resources of a kind; a kind that is not named has no limit. */
  readonly limits: QuotaLimits;
}

/** Kinds that a Quota may limit: those of load balancing that stand in a project. */
export const QUOTA_KINDS = [
  'Backend',
  'BackendSource',
  'Certificate',
  'Frontend',
  'HealthCheck',
  'L7Policy',
  'L7Rule',
  'Listener',
  'LoadBalancer',
  'MaintenanceWindow',
  'Pool',
  'PoolMember',
  'VipClaim',
] as const;
export type QuotaKind = (typeof QUOTA_KINDS)[number];

/** Kind → how many there may be, 0-1,000,000; absent: as many as one likes. */
export type QuotaLimits = Readonly<Partial<Record<QuotaKind, number>>>;

/** Highest limit. */
export const MOST_LIMIT = 1_000_000;
