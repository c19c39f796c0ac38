import type {
  Algorithm,
  BackendCommand,
  BackendState,
  DeliveryState,
  Forwarding,
  ListenerProtocol,
  PartState,
  RunState,
} from '@signalbox/contracts';

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

export const BACKEND_STATES = namesOf<BackendState>({
  unknown: true,
  up: true,
  down: true,
  paused: true,
  disabled: true,
  removed: true,
});

/** What `set backend` can do. */
export const BACKEND_COMMANDS = namesOf<BackendCommand>({
  pause: true,
  resume: true,
  enable: true,
  disable: true,
});

/** What a listener that `lb add` makes can carry: one that ends TLS names certificates, which need a file. */
export const LB_PROTOCOLS = namesOf<Exclude<ListenerProtocol, 'terminated-https'>>({
  tcp: true,
  udp: true,
  http: true,
});

/** How answers come to clients. */
export const LB_FORWARDINGS = namesOf<Forwarding>({ 'via-node': true, dsr: true });

/** How a pool can spread connections. */
export const LB_ALGORITHMS = namesOf<Algorithm>({
  'round-robin': true,
  'least-connections': true,
  'source-hash': true,
  maglev: true,
  random: true,
});

/** Written out here because loading the library for a few lists would slow every command down. */
function namesOf<State extends string>(states: Readonly<Record<State, true>>): readonly string[] {
  return Object.keys(states);
}
