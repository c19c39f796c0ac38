import type { ServiceName } from '../services.js';

export type StoredKind = 'stream' | 'table' | 'cache' | 'queue' | 'file' | 'disk';

/** In what a thing is counted. */
export type StoredUnit = 'bytes' | 'rows' | 'entries';

/**
 * What happens when a bound is reached. `refuses`: what is new, clearly and retryably; `waits`: whoever adds to it;
 * `loses`: the oldest go, and nobody else has them; `forgets`: the oldest go and are found elsewhere; `prunes`: what is over
 * goes, as it shall; `warns`: people are told, and it goes on.
 */
export type WhenFull = 'refuses' | 'waits' | 'loses' | 'forgets' | 'prunes' | 'warns';

/** Where an operator sets a bound. */
export interface Setting {
  /** Variables of the environment and fields of resources. */
  readonly setting?: string;
}

/** How much a thing may hold. */
export interface NumberBound extends Setting {
  readonly most: number;
  readonly unit: StoredUnit;
  /** When there are several and each has the bound: what one of them belongs to. The fullest is measured. */
  readonly per?: string;
  /** A second bound, by age. Milliseconds. */
  readonly ageMs?: number;
  readonly whenFull: WhenFull;
}

/** Why a thing cannot grow without end although no number bounds it. */
export interface RuleBound extends Setting {
  readonly rule: string;
}

/** A thing that a site keeps. */
export interface Stored {
  /** As it is called where it stands; `<…>` stands for a name, `*` for any end. */
  readonly name: string;
  readonly kind: StoredKind;
  /** Who keeps it: a service, each of them, or the one that starts the servers. */
  readonly owner: ServiceName | 'every service' | 'up';
  readonly holds: string;
  readonly bound: NumberBound | RuleBound;
  /** False: a cache or queue whose use nobody is told. */
  readonly isMeasured?: boolean;
}

/** Whether the bound is a number. */
export function isNumberBound(bound: NumberBound | RuleBound): bound is NumberBound {
  return 'most' in bound;
}

/** Answer to `ask.<service>.usage`: how full its caches and queues are, by name and in the unit of the bound. */
export interface UsageAnswer {
  readonly used: Readonly<Record<string, number>>;
}
