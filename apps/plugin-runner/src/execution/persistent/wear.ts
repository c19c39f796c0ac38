import { PROCESS_LIMITS } from '../limits.js';
import type { RunRequest } from '../run-place.js';

/** What a persistent process has behind it. */
export interface Life {
  readonly runs: number;
  readonly ageMs: number;
}

type Recycle = RunRequest['recycle'];

/** Part of its runs or its age for which a process and its successor may both be there. */
const SHARED = 1 / 4;

/** Why a process may not take another run; undefined when it may. */
export function wornBy({ runs, ageMs }: Life, recycle: Recycle): 'runs' | 'age' | undefined {
  if (runs >= recycle.runs) return 'runs';
  return ageMs >= recycle.afterMs ? 'age' : undefined;
}

/**
 * Whether its successor is to be started: at its present rate it is worn out within
 * {@link PROCESS_LIMITS}.successorMs, the time in which a program starts.
 */
export function isNearlyWorn({ runs, ageMs }: Life, recycle: Recycle): boolean {
  const { successorMs } = PROCESS_LIMITS;
  const runsMeanwhile = (runs / Math.max(1, ageMs)) * successorMs;
  return (
    recycle.runs - runs <= Math.min(recycle.runs * SHARED, runsMeanwhile) ||
    recycle.afterMs - ageMs <= Math.min(recycle.afterMs * SHARED, successorMs)
  );
}
