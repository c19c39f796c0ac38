/**
 * Times of leases. Everything is counted by one clock of the machine that goes on while it sleeps; clocks of two machines are never compared,
 * only how fast they run. ADR 0043.
 */

/** Clocks of two nodes run so much faster or slower than time, at most. Quartz is a hundred times better. */
const DRIFT = 0.01;

/**
 * So much later than told the kernel removes an address, at most. It looks once a second at most, and a quarter of one later to wake with
 * others (`check_lifetime`, `addrconf_verify_rtnl`: ADDRCONF_TIMER_FUZZ_MAX and ADDRCONF_TIMER_FUZZ). Measured: up to 1.0 s. Milliseconds.
 */
export const KERNEL_LATE_MS = 1250;

/** From the decision to set an address until the kernel has it; later than that it is not set. Milliseconds. */
export const SETTING_MS = 250;

/** A lease is renewed so many times while it lasts: an address lives for less than half of the shortest lease. */
const RENEWALS = 5;

/** How much longer a node waits for each place in the ranking. Milliseconds. */
export const PLACE_MS = 150;

/** How long a leader may count on a lease, from the moment before it sent its renewal. Milliseconds. */
export function usableMs(leaseMs: number): number {
  return (leaseMs * (1 - DRIFT)) / (1 + DRIFT);
}

/** Between two renewals. Milliseconds. */
export function renewalMs(leaseMs: number): number {
  return leaseMs / RENEWALS;
}

/** For how long an address is set, and when it is too late to do so. */
export interface Lifetime {
  /** Whole seconds, as the kernel has it. */
  readonly seconds: number;
  /** Set after that it could outlive the lease. By the own clock. */
  readonly notAfterMs: number;
}

/** The longest lifetime with which an address that is set now is gone when the lease ends; undefined: it is too late for one. */
export function lifetimeUntil(untilMs: number, nowMs: number): Lifetime | undefined {
  const seconds = Math.floor((untilMs - KERNEL_LATE_MS - SETTING_MS - nowMs) / 1000);
  if (seconds < 1) return undefined;
  return { seconds, notAfterMs: untilMs - KERNEL_LATE_MS - seconds * 1000 };
}

/**
 * Until when a lease lasts at least of which only the address is known that the kernel still has, by its lifetime as the kernel tells it: up
 * to a second too much, which is less than the kernel may be late.
 */
export function adoptedUntilMs(leftSeconds: number, nowMs: number): number {
  return nowMs + Math.max(0, leftSeconds) * 1000;
}
