import { SUBJECTS } from '../subjects.js';

/**
 * `activity.retention.<group>`, appended by `ingest` before it prunes a group: facts whose newest record stands at most at
 * `upTo` in the group's stream are no longer kept. `facts` is how many those were, `bound` what the
 * retention of the group or the site asked for.
 */
export interface RetentionRecord {
  readonly group: string;
  readonly upTo: number;
  readonly facts: number;
  readonly bound: 'maxAge' | 'maxEvents';
  readonly at: string;
}

/** Whether a subject is {@link SUBJECTS.retention} of some group. */
export function isRetentionSubject(subject: string): boolean {
  return subject.startsWith(SUBJECTS.retention(''));
}
