import { readable } from './failure-text.js';
import type { ProbeResult, ProbeTarget } from './probe.js';

/** One line to a prober process: a probe to make, or one whose result nobody wants any more. */
export type ProberRequest =
  { readonly id: number; readonly target: ProbeTarget } | { readonly cancel: number };

/** One line from a prober process. */
export interface ProberAnswer {
  readonly id: number;
  readonly result: ProbeResult;
}

/**
 * The result of a probe that no prober process could make. Regression R18. With `shortage` it is our own fault alone, and
 * says nothing about the target.
 */
export function unreachable(detail: string, shortage?: string): ProbeResult {
  const result = { ok: false, layer: 'L4', code: 'L4CON', detail: readable(detail), durationMs: 0 } as const;
  return shortage === undefined ? result : { ...result, shortage };
}
