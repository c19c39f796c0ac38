import { type BackendState, type Endpoint, isSameEndpoint, type StateCode } from '@signalbox/contracts';
import type { CounterRules } from './counter.js';
import { fulfils, type Wanted } from './intent.js';
import { type Machine, staticMachine, unknownMachine } from './machine.js';

/** A backend as it stands: from memory, or from its newest record after a restart. */
export interface Standing {
  readonly machine: Machine;
  readonly endpoint: Endpoint;
  /** Name of its check; absent when static. */
  readonly healthcheck?: string;
  /** Digest and question of its check; absent when it is static or they are not known any more. */
  readonly checkDigest?: string;
  readonly question?: string;
}

/** A backend as config and operators want it. `counter` of its check, or the one of static backends. */
export interface Desired {
  readonly endpoint: Endpoint;
  readonly healthcheck?: string;
  readonly checkDigest?: string;
  readonly question?: string;
  readonly counter: CounterRules;
  readonly wanted: Wanted;
}

/** One record to append, and the machine after it. `from` is absent when the backend is new. */
export interface Step {
  readonly machine: Machine;
  readonly from?: BackendState;
  readonly code: StateCode;
}

/**
 * What has to be recorded so that a backend is as it is wanted (reference 3.12). A new one is `unknown`; another
 * address or port starts again, since the counter told about another server; another check keeps the state until its first
 * result, because what worked is not taken away for an edit (and without doubt when it asks the same); operator intent holds in all cases. A static backend is
 * up at once (3.9, R10). Nothing to do = no steps.
 */
export function reconcile(standing: Standing | undefined, desired: Desired): Step[] {
  const steps: Step[] = [];
  let machine = standing?.machine;
  const go = (to: Machine, code: StateCode): void => {
    steps.push({ machine: to, code, ...(machine && { from: machine.state }) });
    machine = to;
  };
  const fresh = unknownMachine(desired.counter);
  const inState = (state: BackendState): Machine => ({ ...fresh, state });

  if (!machine || machine.state === 'removed') go(fresh, 'started');
  else if (standing && !isSameEndpoint(standing.endpoint, desired.endpoint))
    go(fulfils(machine.state, 'run') ? fresh : machine, 'address-changed');
  else if (standing && isOtherCheck(standing, desired))
    go(underOtherCheck(machine, standing, desired), 'check-changed');

  const { state } = machine ?? fresh;
  if (!fulfils(state, desired.wanted)) {
    if (desired.wanted === 'disable') go(inState('disabled'), 'disabled');
    else if (desired.wanted === 'pause') go(inState('paused'), 'paused');
    else go(fresh, state === 'disabled' ? 'enabled' : 'resumed');
  }
  if (desired.healthcheck === undefined && isOpen(machine ?? fresh))
    go(staticMachine(desired.counter), 'static');
  return steps;
}

/** A static backend is neither unknown nor down. */
function isOpen({ state }: Machine): boolean {
  return state === 'unknown' || state === 'down';
}

/** Another check by name, or the same name with other settings. After a restart only the name is known. */
function isOtherCheck(standing: Standing, desired: Desired): boolean {
  if (standing.healthcheck !== desired.healthcheck) return true;
  return standing.checkDigest !== undefined && standing.checkDigest !== desired.checkDigest;
}

function underOtherCheck(machine: Machine, standing: Standing, desired: Desired): Machine {
  const asksTheSame = standing.question !== undefined && standing.question === desired.question;
  const counter = within(machine, desired.counter);
  return { ...machine, counter, verified: machine.verified && asksTheSame };
}

/** The counter of a state within the bounds of other rules. */
function within({ state }: Machine, { rise, fall }: CounterRules): number {
  return state === 'up' ? rise + fall - 1 : state === 'down' ? 0 : rise - 1;
}
