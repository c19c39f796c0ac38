import type { VipHolder } from '../kinds/balance/vip-wish.js';

/** Why a holder has no VIP; the word for programs, beside a text for people. */
export const VIP_WAIT_CODES = [
  /** No pool that may serve it has a free address. */
  'vip-exhausted',
  /** Somebody else has the address that it asks for. */
  'vip-taken',
  /** Somebody else had the address that it asks for until a moment ago. */
  'vip-in-quarantine',
  /** No pool may give it what it asks for. */
  'vip-refused',
] as const;
export type VipWaitCode = (typeof VIP_WAIT_CODES)[number];

/** A holder has an address from here on, or has it on other terms. */
export interface VipLeased {
  readonly type: 'leased';
  readonly at: string;
  readonly holder: VipHolder;
  readonly project: string;
  readonly address: string;
  /** Name of the VipPool that it came from. */
  readonly pool: string;
  /** What it is shared by, see `VipWish.sharing`. */
  readonly sharing?: string;
}

/** A holder asks for an address and has none. */
export interface VipWaiting {
  readonly type: 'waiting';
  readonly at: string;
  readonly holder: VipHolder;
  readonly project: string;
  readonly code: VipWaitCode;
  readonly reason: string;
}

/** A holder asks for nothing any more, or for something else; what it had is up to `rest`. */
export interface VipReleased {
  readonly type: 'released';
  readonly at: string;
  readonly holder: VipHolder;
  readonly project: string;
  /** Absent: it only waited. */
  readonly address?: string;
  /** The pool of the address. Present with `address`. */
  readonly pool?: string;
  /** Present with `address`. `held`: others have it still. */
  readonly rest?: 'held' | 'quarantined' | 'free';
  /** When the quarantine ends. */
  readonly until?: string;
}

/** The quarantine of an address is over. */
export interface VipFreed {
  readonly type: 'freed';
  readonly at: string;
  readonly address: string;
}

/** One record of a message of `activity.vip`, appended by `balancer` only. ADR 0025. */
export type VipRecord = VipLeased | VipWaiting | VipReleased | VipFreed;
