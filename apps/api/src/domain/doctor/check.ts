/** Whether something is well. `skip`: nothing to look at, or it cannot be known here. Reference 9.1. */
export const CHECK_STATUSES = ['pass', 'warn', 'fail', 'skip'] as const;
export type CheckStatus = (typeof CHECK_STATUSES)[number];

/** What checks are about, in the order in which doctor tells them. */
export const AREAS = [
  'config',
  'services',
  'nats',
  'postgres',
  'clock',
  'disk',
  'keys',
  'federation',
  'plugins',
  'projections',
  'consumers',
  'dead-letters',
  'alarms',
] as const;
export type Area = (typeof AREAS)[number];

/** One thing that doctor looked at. The shape is a contract with scripts; members may be added. Reference 9.1. */
export interface Check {
  readonly area: Area;
  /** One word for programs; does not change. */
  readonly code: string;
  /** What was looked at, for people: a group, a peer, a server. */
  readonly name: string;
  readonly status: CheckStatus;
  /** What was found, and why that is good or bad. */
  readonly detail: string;
  /** What to do now: a command where there is one. Absent when nothing is to be done. */
  readonly remedy?: string;
  readonly group?: string;
  readonly peer?: string;
  /** `Kind/name` of the resource that it is about. */
  readonly resource?: string;
}

export interface CheckSummary extends Readonly<Record<CheckStatus, number>> {
  /** fail, if anything fails; else warn, if anything warns; skip, if all is skipped; else pass. */
  readonly overall: CheckStatus;
}

/** The sum of all checks. Reference 9.1. */
export function summaryOf(checks: readonly Check[]): CheckSummary {
  const counts = { pass: 0, warn: 0, fail: 0, skip: 0 };
  for (const { status } of checks) counts[status] += 1;
  const { pass, warn, fail } = counts;
  const overall = fail > 0 ? 'fail' : warn > 0 ? 'warn' : pass > 0 ? 'pass' : 'skip';
  return { overall, ...counts };
}

/** By area, then group, peer, code and name: the same checks are always told in the same order. */
export function inOrder(checks: readonly Check[]): Check[] {
  const key = ({ area, group = '', peer = '', code, name }: Check): string =>
    [String(AREAS.indexOf(area)).padStart(2, '0'), group, peer, code, name].join('\0');
  return checks
    .map((check) => ({ check, key: key(check) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ check }) => check);
}
