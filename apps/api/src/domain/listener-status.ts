import type {
  BackendState,
  NodeListenerReport,
  NodeRunState,
  ProvisioningStatus,
  OperatingStatus,
  WeightRule,
} from '@signalbox/contracts';

/** A status, and why it is not the best one. */
export interface Provisioning {
  readonly status: ProvisioningStatus;
  readonly reason?: string;
}

/** A status, and why it is not the best one. */
export interface Operating {
  readonly status: OperatingStatus;
  readonly reason?: string;
}

/** A node that shall serve a listener, and what it says of it. */
export interface ServingNode {
  readonly node: string;
  /** Digest of the newest desired state; absent: it is not written yet. */
  readonly wanted?: string;
  /** Why the node was not told the newest state yet. */
  readonly waits?: string;
  /** Absent: the node never reported. */
  readonly state?: NodeRunState;
  readonly report?: Pick<NodeListenerReport, 'state' | 'digest' | 'error' | 'listensAt'>;
}

/** Which nodes shall serve a listener, or why none does; undefined: nobody says. */
export type Placement =
  { readonly nodes: readonly ServingNode[] } | { readonly unplaced: string } | undefined;

/**
 * Whether the nodes do what is decided: the worst of them, `error` before `pending` before `active`. A refusal stays an
 * error until the node says something else. Reference load-balancing section 8, ADR 0023.
 */
export function provisioningOf(placement: Placement): Provisioning {
  if (placement === undefined)
    return { status: 'unknown', reason: 'balancer does not say which nodes shall serve it' };
  if ('unplaced' in placement) return { status: 'unplaced', reason: placement.unplaced };
  const refusing = placement.nodes.find(({ report }) => report?.state === 'refused');
  if (refusing)
    return { status: 'error', reason: `${refusing.node}: ${refusing.report?.error?.message ?? ''}` };
  const behind = placement.nodes.find((node) => !isCurrent(node));
  if (behind) return { status: 'pending', reason: `${behind.node} ${waitingFor(behind)}` };
  return { status: 'active' };
}

/** Whether a node serves the newest state of the listener. */
export function isCurrent({ wanted, waits, report }: ServingNode): boolean {
  return waits === undefined && report?.state === 'applied' && report.digest === wanted;
}

function waitingFor({ wanted, waits, state }: ServingNode): string {
  if (waits !== undefined) return `was not told the newest state yet: ${waits}`;
  if (state === undefined) return 'has not reported yet';
  if (state === 'unavailable') return 'does not reach its data plane';
  if (wanted === undefined) return 'was not told yet';
  return state === 'waiting' ? 'has no complete desired state yet' : 'has not applied the newest state yet';
}

/** One target as far as the status of its listener depends on it. */
export interface StatusTarget {
  readonly pool: string;
  readonly name: string;
  /** `missing`: no record tells of it. */
  readonly state: BackendState | 'missing';
  readonly effective: number;
  readonly rule: WeightRule;
  /** Whether anything probes it. */
  readonly isChecked: boolean;
}

/** What the operating status of a listener follows from. */
export interface OperatingInput {
  /** Not switched off by its spec, or that of its load balancer. */
  readonly enabled: boolean;
  /** Whether any node listens for it. */
  readonly isServed: boolean;
  readonly activePool: string;
  /** Names of the pools that policies send requests to. */
  readonly policyPools: readonly string[];
  /** Of its own pools and of those of policies. */
  readonly targets: readonly StatusTarget[];
}

/** Rules by which a target keeps what it has and gets nothing new. */
const DRAINING: ReadonlySet<WeightRule> = new Set(['weight-zero', 'paused']);

/**
 * Whether clients are served: `offline`, `draining` (nothing new, what stands goes on), `degraded` (a target of the active
 * pool, or of one that policies send requests to, is not up, or that has none to send them to), `no-monitor` (nothing is probed), `online`; the first that is true. Reference load-balancing section 8.
 */
export function operatingOf(input: OperatingInput): Operating {
  const { enabled, isServed, activePool, policyPools } = input;
  if (!enabled) return { status: 'offline', reason: 'it is disabled' };
  if (!isServed) return { status: 'offline', reason: 'no node serves it' };
  const ofPolicies = (pool: string): boolean => policyPools.includes(pool);
  const targets = input.targets.filter(({ pool }) => !ofPolicies(pool));
  const active = targets.filter(({ pool }) => pool === activePool);
  if (!targets.some(({ effective }) => effective > 0)) {
    const draining = active.filter(({ rule }) => DRAINING.has(rule));
    if (draining.length > 0)
      return { status: 'draining', reason: `no new connections for ${namesOf(draining)}` };
    if (input.targets.some(({ effective }) => effective > 0))
      return { status: 'degraded', reason: 'no target has a weight but those of its policies' };
    return {
      status: 'offline',
      reason: targets.length === 0 ? 'it has no targets' : 'no target has a weight',
    };
  }
  const empty = policyPools.filter(
    (name) => !input.targets.some(({ pool, effective }) => pool === name && effective > 0),
  );
  if (empty.length > 0) {
    const reason = `no target has a weight in ${empty.map((name) => `pool ${name} of its policies`).join(', ')}`;
    return { status: 'degraded', reason };
  }
  const unwell = input.targets.filter(
    ({ pool, state }) => (pool === activePool || ofPolicies(pool)) && state !== 'up',
  );
  if (unwell.length > 0)
    return { status: 'degraded', reason: unwell.map(({ name, state }) => `${name} is ${state}`).join(', ') };
  if (!input.targets.some(({ isChecked }) => isChecked)) return { status: 'no-monitor' };
  return { status: 'online' };
}

function namesOf(targets: readonly StatusTarget[]): string {
  return targets.map(({ name }) => name).join(', ');
}

const PROVISIONING_WORST_FIRST = ['error', 'pending', 'unknown', 'unplaced', 'active'] as const;
const OPERATING_WORST_FIRST = ['offline', 'draining', 'degraded', 'no-monitor', 'online'] as const;

/** The worst of the listeners of a load balancer; one without any has nothing to provision and serves nobody. */
export function worstOf(
  listeners: readonly { readonly provisioning: Provisioning; readonly operating: Operating }[],
): { readonly provisioning: ProvisioningStatus; readonly operating: OperatingStatus } {
  const worst = <T>(worstFirst: readonly T[], given: readonly T[], none: T): T =>
    worstFirst.find((status) => given.includes(status)) ?? none;
  return {
    provisioning: worst(
      PROVISIONING_WORST_FIRST,
      listeners.map(({ provisioning }) => provisioning.status),
      'active',
    ),
    operating: worst(
      OPERATING_WORST_FIRST,
      listeners.map(({ operating }) => operating.status),
      'offline',
    ),
  };
}

/**
 * Whether nodes with the newest state of a listener have the same table; undefined when fewer than two tell one. A node
 * that is behind is not compared: it may have another table for that.
 */
export function tablesAgree(
  nodes: readonly (ServingNode & { readonly report?: Pick<NodeListenerReport, 'tableDigest'> })[],
): boolean | undefined {
  const digests = nodes.filter(isCurrent).flatMap(({ report }) => report?.tableDigest ?? []);
  return digests.length < 2 ? undefined : new Set(digests).size === 1;
}
