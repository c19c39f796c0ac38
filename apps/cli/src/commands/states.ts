import type { DeliveryState, PartState, RunState } from '@signalbox/contracts';

/** Values of the flags that filter by state; the compiler sees to it that none is missing. */
export const DELIVERY_STATES = namesOf<DeliveryState>({
  pending: true,
  failed: true,
  delivered: true,
  dead: true,
});

export const RUN_STATES = namesOf<RunState>({
  waiting: true,
  queued: true,
  running: true,
  retrying: true,
  proposed: true,
  succeeded: true,
  failed: true,
  withdrawn: true,
  skipped: true,
});

export const PART_STATES = namesOf<PartState>({
  active: true,
  quarantined: true,
  superseded: true,
  withdrawn: true,
  expired: true,
});

/** Written out here because loading the library for three lists would slow every command down. */
function namesOf<State extends string>(states: Readonly<Record<State, true>>): readonly string[] {
  return Object.keys(states);
}
