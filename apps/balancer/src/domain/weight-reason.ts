import { formatTime } from '@signalbox/contracts';
import { addressFamily } from '@signalbox/contracts';
import type { MemberView } from './pool-view.js';
import type { TargetWeight } from './target-weight.js';

/** What the sentence is about. */
export interface ReasonSubject {
  /** Whether its pool is one of those of the frontend, or gets what policies send there. */
  readonly serves: 'frontend' | 'policies';
  readonly pool: string;
  readonly activePool: string;
  readonly member: MemberView;
  readonly ruling: TargetWeight;
  /** When a `slow-start` or a `failback-wait` ends, epoch ms. */
  readonly untilMs?: number;
}

/**
 * Why a target has its effective weight, one sentence for people. It names points in time, never spans, so that it
 * changes only when the decision does.
 */
export function reasonText({ serves, pool, activePool, member, ruling, untilMs }: ReasonSubject): string {
  const { backend } = member;
  const self = `${backend} of pool ${pool}`;
  const active = serves === 'policies' ? `policies send requests to pool ${pool}` : `pool ${pool} is active`;
  const nobody = serves === 'policies' ? `no backend of pool ${pool} is up` : 'no backend of any pool is up';
  const until = untilMs === undefined ? '' : ` until ${formatTime(untilMs)}`;
  const flows = ruling.flush ? 'its flows are cut' : 'its flows may end by themselves';
  switch (ruling.rule) {
    case 'active':
    case 'weight-zero':
      return `${active} and ${backend} is up: ${givenWeight(member)}`;
    case 'slow-start':
      return `${active} and ${backend} is in slow start${until}: ${ruling.effective} of ${givenWeight(member)}`;
    case 'standby':
      return `pool ${activePool} is active and ${self} is on standby: weight 0`;
    case 'failback-wait':
      return `pool ${activePool} stays active${until} and ${self} waits to take over: weight 0`;
    case 'unknown':
      return `${self} is unknown until a check has answered: weight 0`;
    case 'down':
      return `${self} is down: weight 0, ${flows}`;
    case 'paused':
      return `${self} is paused: weight 0, ${flows}`;
    case 'disabled':
      return `${self} is disabled: weight 0, ${flows}`;
    case 'keep-last':
      return `${nobody} and ${self} keeps the weight it had: ${ruling.effective}`;
    case 'spread':
      return `${nobody} and ${self} gets traffic anyway: ${givenWeight(member)}`;
    case 'missing':
      return `${self} is not in the configuration: weight 0`;
    case 'family-mismatch':
      return `${self} has an ${familyOf(member)} address and the frontend serves the other family: weight 0`;
  }
}

function givenWeight({ weight, override }: MemberView): string {
  if (!override) return `configured weight ${weight}`;
  const reason = override.reason === undefined ? '' : ` (${override.reason})`;
  const until = override.expiresAt === undefined ? '' : ` until ${override.expiresAt}`;
  return `weight ${weight} set by ${override.author}${reason}${until}`;
}

function familyOf({ address }: MemberView): string {
  return address === undefined ? 'IP' : addressFamily(address);
}
