import { SUBJECTS } from '../subjects.js';

/**
 * `activity.match.<group>`, appended by `matcher` before it matches at a new revision: from `fromSeq` of the
 * group's facts on, decisions are made with the rules of `revision`, until the next such record.
 * `reevaluated` names the subscriptions whose rule changed: their live facts before `fromSeq` were decided again.
 */
export interface MatchRecord {
  readonly revision: number;
  readonly fromSeq: number;
  readonly reevaluated: readonly string[];
  readonly at: string;
}

/** Whether a subject is {@link SUBJECTS.matchActivity} of some group. */
export function isMatchSubject(subject: string): boolean {
  return subject.startsWith(SUBJECTS.matchActivity(''));
}
