import type { Alarm } from '@signalbox/contracts';
import { type Area, type Check, type CheckSummary, inOrder, summaryOf } from './check.js';
import { clockChecks, type ReadClock } from './clock-checks.js';
import { federationChecks } from './federation-checks.js';
import type { GroupFacts } from './federation-facts.js';
import { federationSummary, type FederationSummary } from './federation-summary.js';
import {
  alarmChecks,
  consumerChecks,
  type DeadFacts,
  deadLetterChecks,
  keyChecks,
  type KeyFacts,
  projectionChecks,
  type ReaderFacts,
  serviceChecks,
  type ServiceFacts,
} from './machinery-checks.js';
import { type RemediationAction, remediationPlan } from './remediation.js';
import {
  type DiskFacts,
  diskChecks,
  natsChecks,
  type NatsFacts,
  postgresChecks,
  type PostgresFacts,
} from './server-checks.js';

/** Everything that doctor knows of a site; a check is a pure function of it. */
export interface SiteFacts {
  readonly services: readonly ServiceFacts[];
  readonly nats: NatsFacts | undefined;
  readonly postgres: PostgresFacts | undefined;
  readonly clocks: readonly ReadClock[];
  readonly disks: readonly DiskFacts[];
  readonly keys: readonly KeyFacts[];
  /** Absent: they cannot be read. */
  readonly groups: readonly GroupFacts[] | undefined;
  readonly projections: readonly ReaderFacts[] | undefined;
  readonly consumers: readonly ReaderFacts[] | undefined;
  readonly deadLetters: readonly DeadFacts[] | undefined;
  readonly alarms: readonly Alarm[];
}

/** What doctor answers. A contract with scripts: members may be added, none changes its meaning. */
export interface DoctorReport {
  readonly summary: CheckSummary;
  readonly checks: readonly Check[];
  readonly federation: FederationSummary;
  /** Only when it was asked for. */
  readonly remediationPlan?: { readonly generatedAt: string; readonly actions: readonly RemediationAction[] };
}

/** What to tell of what is known. */
export interface ReportWish {
  /** Only of these. */
  readonly areas?: readonly Area[];
  /** RFC 3339: with a plan, made then. */
  readonly planAt?: string;
}

/** The report of a site: the same facts, the same bytes. */
export function siteReport(facts: SiteFacts, wish: ReportWish = {}): DoctorReport {
  const groups = facts.groups ?? [];
  return reportOf(
    [
      ...serviceChecks(facts.services),
      ...natsChecks(facts.nats),
      ...postgresChecks(facts.postgres),
      ...clockChecks(facts.clocks, groups),
      ...diskChecks(facts.disks),
      ...keyChecks(facts.keys),
      ...(facts.groups?.flatMap(federationChecks) ?? [unread('federation', 'groups')]),
      ...(facts.projections ? projectionChecks(facts.projections) : [unread('projections', 'projections')]),
      ...(facts.consumers ? consumerChecks(facts.consumers) : [unlisted()]),
      ...(facts.deadLetters ? deadLetterChecks(facts.deadLetters) : [unread('dead-letters', 'DEAD')]),
      ...alarmChecks(facts.alarms),
    ],
    groups,
    wish,
  );
}

/** The report of any checks. */
export function reportOf(
  all: readonly Check[],
  groups: readonly GroupFacts[],
  { areas, planAt }: ReportWish = {},
): DoctorReport {
  const checks = inOrder(areas ? all.filter(({ area }) => areas.includes(area)) : all);
  return {
    summary: summaryOf(checks),
    checks,
    federation: federationSummary(groups, checks),
    ...(planAt !== undefined && {
      remediationPlan: { generatedAt: planAt, actions: remediationPlan(checks) },
    }),
  };
}

function unread(area: Area, name: string): Check {
  const detail = 'cannot be read now: a server is away, or too slow';
  return { area, code: 'unreadable', name, status: 'fail', detail, remedy: 'signalbox status --storage' };
}

/** A NATS whose users.conf is older does not let us ask. */
function unlisted(): Check {
  return {
    area: 'consumers',
    code: 'unreadable',
    name: 'consumers',
    status: 'skip',
    detail: 'NATS does not list its consumers: it is away, or api may not ask (deploy/nats/users.conf)',
  };
}
