import type { FrontendState } from '@signalbox/contracts';
import type { MemberView } from './pool-view.js';

/** What the state of a frontend comes from. */
export interface StandingMember {
  readonly state: MemberView['state'];
  readonly effective: number;
}

/**
 * Up when something gets traffic, unknown when nothing is known yet, else down. The only place that says so: API,
 * console and metrics show this. Reference 3.11, R13.
 */
export function frontendState(members: readonly StandingMember[]): FrontendState {
  if (members.some(({ effective }) => effective > 0)) return 'up';
  if (members.every(({ state }) => state === 'unknown')) return 'unknown';
  return 'down';
}
