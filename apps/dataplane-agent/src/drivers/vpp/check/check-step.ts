/** One step of a trial of VPP, and how it came out. */
export interface CheckStep {
  readonly step: string;
  /**
   * `differs`: it is there and is not as it has to be; `missing`: it is not there; `failed`: it does not answer; `skipped`: a step before it
   * did not come out.
   */
  readonly result: 'ok' | 'differs' | 'missing' | 'failed' | 'skipped';
  /** What was found. */
  readonly found: string;
  /** What a person should do; of what is not ok. */
  readonly todo?: string;
}

export function ok(step: string, found: string): CheckStep {
  return { step, result: 'ok', found };
}

/** Steps that cannot be taken. */
export function skipped(steps: readonly string[], because: string): CheckStep[] {
  return steps.map((step) => ({ step, result: 'skipped', found: `after ${because}` }));
}

export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
