import type { FrontendRecord, FrontendTarget } from '@signalbox/contracts';
import type { FrontendDecision, FrontendMemory } from './frontend-view.js';
import { targetKey } from './target-key.js';

export { targetKey } from './target-key.js';

/**
 * The record to append, or undefined when nothing changed: then nothing is written, however often it is decided (R7).
 * It carries new and changed targets only. The order of the members is no change.
 */
export function frontendRecord(
  name: string,
  decision: FrontendDecision,
  memory: FrontendMemory | undefined,
  version: number,
  at: string,
): FrontendRecord | undefined {
  const { state, activePool } = decision;
  const targets = decision.targets.filter((target) => !isSame(target, memory?.targets.get(keyOf(target))));
  const kept = new Set(decision.targets.map(keyOf));
  const gone = Array.from(memory?.targets.values() ?? [])
    .filter((target) => !kept.has(keyOf(target)))
    .map(({ pool, backend }) => ({ pool, backend }));

  const isUnchanged = memory?.state === state && memory.activePool === activePool;
  if (isUnchanged && targets.length === 0 && gone.length === 0) return undefined;
  const from = memory && { from: memory.state };
  return { frontend: name, version, at, ...from, to: state, activePool, targets, gone };
}

/** Folds one record, in the order of versions; undefined when the frontend was removed. */
export function applyFrontendRecord(
  memory: FrontendMemory | undefined,
  record: FrontendRecord,
): FrontendMemory | undefined {
  if (record.to === 'removed') return undefined;
  const targets = new Map(memory?.targets);
  for (const { pool, backend } of record.gone) targets.delete(targetKey(pool, backend));
  for (const target of record.targets) targets.set(keyOf(target), target);
  return { state: record.to, activePool: record.activePool, targets };
}

function keyOf({ pool, backend }: FrontendTarget): string {
  return targetKey(pool, backend);
}

/** By hand: this runs for every target of every frontend whenever a backend changes. */
function isSame(a: FrontendTarget, b: FrontendTarget | undefined): boolean {
  return (
    b !== undefined &&
    a.address === b.address &&
    a.port === b.port &&
    a.weight === b.weight &&
    a.effective === b.effective &&
    a.flush === b.flush &&
    a.why.rule === b.why.rule &&
    a.why.text === b.why.text &&
    a.why.until === b.why.until
  );
}
