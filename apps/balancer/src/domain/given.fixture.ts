import type { FrontendTarget } from '@signalbox/contracts';
import { applyFrontendRecord, frontendRecord } from './frontend-changes.js';
import { decideFrontend, type FrontendMemory, type FrontendView } from './frontend-view.js';
import type { MemberView, PoolView } from './pool-view.js';

/** Builders for the tests of this folder: a valid value, changed where the test cares. */

export const NOON = Date.parse('2026-05-30T12:00:00Z');
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;

/** Up for a day, at 10.0.0.<digits of its name>. */
export function aMember(backend: string, change: Partial<MemberView> = {}): MemberView {
  const address = `10.0.0.${backend.replace(/\D/g, '') || '1'}`;
  return { backend, address, weight: 100, state: 'up', sinceMs: NOON - 24 * 60 * MINUTE, ...change };
}

/** The state of each member of a pool, for tables. */
export function inStates(...states: MemberView['state'][]): MemberView[] {
  return states.map((state, at) => aMember(`nginx${at + 1}`, { state }));
}

/** Pools `primary`, `fallback`, `last`, in this order. */
export function aFrontend(
  pools: readonly (readonly MemberView[])[],
  change: Partial<FrontendView> = {},
): FrontendView {
  const names = ['primary', 'fallback', 'last'];
  return {
    name: 'web',
    pools: pools.map((members, at): PoolView => ({ name: names[at] ?? `pool-${at}`, members })),
    flushOnDown: true,
    failbackDelayMs: 0,
    minUp: 1,
    poolActivation: 'up',
    slowStartMs: 0,
    allDown: 'drop',
    ...change,
  };
}

/** The memory after deciding each view in turn, from the records alone. */
export function remembered(
  history: readonly { readonly view: FrontendView; readonly atMs: number }[],
): FrontendMemory | undefined {
  return history.reduce<FrontendMemory | undefined>((memory, { view, atMs }, version) => {
    const decision = decideFrontend(view, memory, atMs);
    const record = frontendRecord(view.name, decision, memory, version + 1, new Date(atMs).toISOString());
    return record ? applyFrontendRecord(memory, record) : memory;
  }, undefined);
}

/** `backend` → [effective weight, rule], in the order of the targets. */
export function weightsAndRules(targets: readonly FrontendTarget[]): Record<string, [number, string]> {
  return Object.fromEntries(targets.map(({ backend, effective, why }) => [backend, [effective, why.rule]]));
}
