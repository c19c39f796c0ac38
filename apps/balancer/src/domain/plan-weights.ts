import type {
  FrontendPlan,
  FrontendTarget,
  TargetPlan,
  WeightReason,
  WeightShare,
  WeightWarning,
} from '@signalbox/contracts';
import { decideFrontend, type FrontendMemory, type FrontendView } from './frontend-view.js';
import { targetKey } from './target-key.js';

/** A frontend that a change touches. */
export interface TouchedFrontend {
  readonly name: string;
  /** What was decided last; absent: it is not there. */
  readonly memory: FrontendMemory | undefined;
  /** Names of the pools of its policies, as they are. */
  readonly policyPools: ReadonlySet<string>;
  /** How it would look; undefined: it would not be there. */
  readonly view: FrontendView | undefined;
}

/** Targets with what each gets, by `targetKey`. */
type Shares = ReadonlyMap<string, FrontendTarget & { readonly share: number }>;

/**
 * What would be decided about a frontend now if it looked like that, against what was decided last; undefined when nothing of it would
 * be another. Backends count with the health that is recorded of them: one that is new is unknown and gets nothing yet.
 */
export function planFrontend(
  { name, memory, policyPools, view }: TouchedFrontend,
  nowMs: number,
): FrontendPlan | undefined {
  const decision = view && decideFrontend(view, memory, nowMs);
  const before = sharesOf([...(memory?.targets.values() ?? [])], policyPools);
  const after = sharesOf(decision?.targets ?? [], namesOf(view));
  const targets = [...new Set([...after.keys(), ...before.keys()])].flatMap(
    (key) => targetPlan(before.get(key), after.get(key)) ?? [],
  );
  const isSame =
    memory?.state === decision?.state && memory?.activePool === decision?.activePool && targets.length === 0;
  if (isSame) return undefined;
  return {
    frontend: name,
    ...(memory && { before: { state: memory.state, activePool: memory.activePool } }),
    ...(decision && { after: { state: decision.state, activePool: decision.activePool } }),
    targets,
  };
}

/** What people want to know of a plan before it happens. */
export function weightWarnings({ frontend, before, after, targets }: FrontendPlan): WeightWarning[] {
  if (before?.state !== 'up') return [];
  if (!after)
    return [
      { reason: 'frontend-gone', frontend, message: `${frontend} serves, and would no longer be there` },
    ];
  if (after.state !== 'up') {
    const lost = targets.filter((target) => (target.before?.effective ?? 0) > 0).length;
    const unknown = targets.filter((target) => target.after?.why.rule === 'unknown').length;
    const first =
      unknown === 0 ? '' : `; ${unknown} ${unknown === 1 ? 'is' : 'are'} unknown until a check has answered`;
    const message = `${frontend} serves, and no backend of it would get traffic: ${lost} ${lost === 1 ? 'loses its' : 'lose their'} weight${first}`;
    return [{ reason: 'backends-gone', frontend, message }];
  }
  if (before.activePool === after.activePool) return [];
  const message = `traffic of ${frontend} would go from pool ${before.activePool} to pool ${after.activePool}`;
  return [{ reason: 'pool-switch', frontend, message }];
}

function namesOf(view: FrontendView | undefined): ReadonlySet<string> {
  return new Set(view?.policyPools?.map(({ name }) => name));
}

/** The pools of a frontend share its connections; a pool of its policies has those that are sent there. */
function sharesOf(targets: readonly FrontendTarget[], policyPools: ReadonlySet<string>): Shares {
  const groupOf = (pool: string): string => (policyPools.has(pool) ? pool : '');
  const totals = new Map<string, number>();
  for (const { pool, effective } of targets)
    totals.set(groupOf(pool), (totals.get(groupOf(pool)) ?? 0) + effective);
  return new Map(
    targets.map((target) => {
      const total = totals.get(groupOf(target.pool)) ?? 0;
      const share = total === 0 ? 0 : Math.round((target.effective * 1000) / total) / 10;
      return [targetKey(target.pool, target.backend), { ...target, share }];
    }),
  );
}

/** Undefined when it gets the same. */
function targetPlan(
  before: (FrontendTarget & WeightShare) | undefined,
  after: (FrontendTarget & WeightShare) | undefined,
): TargetPlan | undefined {
  const target = after ?? before;
  if (!target || (before?.effective === after?.effective && before?.share === after?.share)) return undefined;
  return {
    pool: target.pool,
    backend: target.backend,
    ...(before && { before: shareOf(before) }),
    ...(after && { after: { ...shareOf(after), why: after.why } }),
  };
}

function shareOf({ effective, share }: WeightShare & { readonly why: WeightReason }): WeightShare {
  return { effective, share };
}
