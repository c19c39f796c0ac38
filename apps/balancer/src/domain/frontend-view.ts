import type { AllDownMode, FrontendState, FrontendTarget, PoolActivation } from '@signalbox/contracts';
import { chooseActivePool, type ActivePool } from './failback.js';
import { frontendState } from './frontend-state.js';
import { type PoolSituation, ruleMember } from './member-ruling.js';
import { asSeen, isOfOtherFamily, servedFamily, type PoolView } from './pool-view.js';
import { targetKey } from './target-key.js';

export type { MemberView, PoolView } from './pool-view.js';

/** Everything a decision looks at, defaults filled in. Durations in ms, 0 = none. */
export interface FrontendView {
  readonly name: string;
  /** In order of preference. */
  readonly pools: readonly PoolView[];
  /** What policies send requests to: each serves by itself, whatever becomes of the others. None is called as one of `pools`. */
  readonly policyPools?: readonly PoolView[];
  readonly flushOnDown: boolean;
  readonly failbackDelayMs: number;
  readonly minUp: number;
  readonly poolActivation: PoolActivation;
  readonly slowStartMs: number;
  readonly allDown: AllDownMode;
}

/** What the last decision was: from the last records, so it survives a restart. */
export interface FrontendMemory {
  readonly state: FrontendState;
  readonly activePool: string;
  /** By `targetKey`. */
  readonly targets: ReadonlyMap<string, FrontendTarget>;
}

/** What holds for a frontend from now on. State and active pool are those of its own pools. */
export interface FrontendDecision {
  readonly state: FrontendState;
  /** Name of the pool that gets traffic, or would; empty when there is no pool. */
  readonly activePool: string;
  /** In the order of the view: of its pools, then of its policy pools. */
  readonly targets: readonly FrontendTarget[];
  /** When it has to be decided again although nothing happened: slow start, failback. Always after `nowMs`. */
  readonly wakeAtMs?: number;
}

/**
 * Decides active pool, effective weight and flush of every target. Deciding again with the memory of this decision at
 * the same time gives the same. Reference 5, spec/balance "Rules".
 */
export function decideFrontend(
  view: FrontendView,
  memory: FrontendMemory | undefined,
  nowMs: number,
): FrontendDecision {
  const own = decideTiers(view, memory, nowMs, 'frontend');
  const { policyPools = [] } = view;
  if (policyPools.length === 0) return own;
  // the same rules, for a frontend with this pool alone
  const others = policyPools.map((pool) =>
    decideTiers({ ...view, pools: [pool] }, memory, nowMs, 'policies'),
  );
  const wakes = [own, ...others].flatMap(({ wakeAtMs }) => wakeAtMs ?? []);
  return {
    state: own.state,
    activePool: own.activePool,
    targets: [own, ...others].flatMap(({ targets }) => targets),
    ...(wakes.length > 0 && { wakeAtMs: Math.min(...wakes) }),
  };
}

function decideTiers(
  view: FrontendView,
  memory: FrontendMemory | undefined,
  nowMs: number,
  serves: PoolSituation['serves'],
): FrontendDecision {
  const pools = view.pools.map(({ name, members }) => ({ name, members: members.map(asSeen) }));
  const family = servedFamily(pools);
  const usable = pools.map(({ members }) => members.filter((member) => !isOfOtherFamily(member, family)));
  const anyUp = usable.flat().some(({ state }) => state === 'up');
  const current = pools.findIndex(({ name }) => name === memory?.activePool);
  const active = anyUp ? chooseActivePool(usable, view, current, nowMs) : idlePool(view.allDown, current);
  const activePool = pools[active.index]?.name ?? '';

  const isFailback = current > active.index;
  const rulings = pools.flatMap(({ name: pool, members }, index) => {
    const { flushOnDown, slowStartMs } = view;
    const allDown = anyUp ? undefined : view.allDown;
    const timing = { isFailback, slowStartMs, nowMs };
    const situation = { serves, pool, index, active, activePool, family, flushOnDown, allDown, ...timing };
    return members.map((member) => {
      const last = memory?.targets.get(targetKey(pool, member.backend));
      return ruleMember(member, last, situation);
    });
  });
  const targets = rulings.map(({ target }) => target);
  const state = frontendState(rulings.map((ruling) => ({ ...ruling.target, state: ruling.state })));
  const wakes = rulings.flatMap(({ wakeAtMs }) => wakeAtMs ?? []);
  if (wakes.length === 0) return { state, activePool, targets };
  return { state, activePool, targets, wakeAtMs: wakes.reduce((a, b) => Math.min(a, b)) };
}

/** The pool that is named while nothing is up: the first, or the one whose weights are kept. */
function idlePool(allDown: AllDownMode, current: number): ActivePool {
  return { index: allDown === 'keep-last' ? Math.max(0, current) : 0, waiting: new Map() };
}
