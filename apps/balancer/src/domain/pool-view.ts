import type { BackendState } from '@signalbox/contracts';
import { addressFamily, type FamilyName } from '@signalbox/contracts';

/** One backend in one pool, as config, operator and health see it now. */
export interface MemberView {
  readonly backend: string;
  /** Absent: the Backend is not in the config. */
  readonly address?: string;
  /** Its own; absent: that of the VIP. */
  readonly port?: number;
  /** 0-100: configured, or of the override. */
  readonly weight: number;
  /** Who set `weight` at run time. */
  readonly override?: { readonly author: string; readonly reason?: string; readonly expiresAt?: string };
  readonly state: BackendState | 'missing';
  /** When it entered its state, epoch ms. In the future when the clock is behind the one of the records. */
  readonly sinceMs: number;
  /** Came up out of unknown: there is nothing to go back from. */
  readonly isFirstUp?: boolean;
}

/** One tier of a frontend. A backend is in it at most once, and no other tier has its name. */
export interface PoolView {
  readonly name: string;
  readonly members: readonly MemberView[];
}

/**
 * The member as the rules see it: whatever cannot be reached, since its Backend left the config, is missing and has
 * no address, so that it leaves the data plane too. Reference 5.1, row "removed".
 */
export function asSeen(member: MemberView): MemberView {
  const { address, port: _, ...rest } = member;
  const isThere = address !== undefined && member.state !== 'removed' && member.state !== 'missing';
  return isThere ? member : { ...rest, state: 'missing' };
}

/** The family that a frontend serves: that of its first member with an address, in the order of pools and members. */
export function servedFamily(pools: readonly PoolView[]): FamilyName | undefined {
  const first = pools.flatMap(({ members }) => members).find(({ address }) => address !== undefined);
  return first?.address === undefined ? undefined : addressFamily(first.address);
}

/** Whether a member cannot be served together with the others. Reference 2.8: one family per frontend. */
export function isOfOtherFamily(member: MemberView, served: FamilyName | undefined): boolean {
  return member.address !== undefined && addressFamily(member.address) !== served;
}
