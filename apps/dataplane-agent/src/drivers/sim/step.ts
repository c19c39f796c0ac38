import { errorBody, type ErrorBody, type NodeListener } from '@signalbox/contracts';
import { choiceOf } from '../../domain/choice.js';
import { unsupportedReason } from '../unsupported.js';
import type { BoundPlace } from './bound-place.js';
import type { BoundPlaces } from './bound-places.js';
import { listenerChanges } from './listener-changes.js';
import { placeKey, transportOf } from '../place.js';
import type { PlaceWish } from '../place-wishes.js';
import { SIM_CAPABILITIES } from './sim-capabilities.js';
import { SimListener } from './sim-listener.js';

/** What a data plane takes from outside of it. */
export interface Chance {
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** 0 up to but not 1. */
  readonly random: () => number;
}

/** A listener that serves, and where. */
export interface Serving {
  readonly listener: SimListener;
  readonly bound: BoundPlace;
}

/** A listener of the desired state that cannot be: what serves under its name goes on. */
export interface RefusedStep {
  readonly desired: NodeListener;
  readonly current?: Serving;
  readonly error: ErrorBody;
}

/** A listener of the desired state for which all that may fail is done, and nothing that serves is changed yet. */
export interface ReadyStep {
  readonly desired: NodeListener;
  readonly current?: Serving;
  readonly bound: BoundPlace;
  /** Things that differ from what serves, the place among them; 1 when nothing does yet. */
  readonly writes: number;
  /** Makes the listener that serves as desired, or a new one when none of this transport does. */
  carryOut(): SimListener;
}

export type Step = RefusedStep | ReadyStep;

/** `current`: what serves under the name. */
export async function stepOf(
  desired: NodeListener,
  current: Serving | undefined,
  places: BoundPlaces,
  { now, random }: Chance,
): Promise<Step> {
  const lack = unsupportedReason(desired, SIM_CAPABILITIES, 'sim');
  if (lack) return { desired, current, error: lack };
  try {
    const standing = current?.listener.transport === transportOf(desired) ? current : undefined;
    if (!standing) {
      const choice = choiceOf(desired, random);
      const bound = await places.find(desired, undefined);
      return { desired, current, bound, writes: 1, carryOut: () => new SimListener(desired, choice, now) };
    }
    const { listener } = standing;
    const changes = listenerChanges(listener.desired, desired);
    const choice = changes.targets + changes.algorithm > 0 ? choiceOf(desired, random) : undefined;
    const bound = await places.find(desired, standing.bound);
    const moves = bound === standing.bound ? 0 : 1;
    const writes = moves + changes.targets + changes.algorithm + changes.settings;
    const carryOut = (): SimListener => {
      listener.update(desired, choice);
      return listener;
    };
    return { desired, current, bound, writes, carryOut };
  } catch (error) {
    return { desired, current, error: asRefusal(desired.name, error) };
  }
}

/** The place that a step is about: of a refused listener the one that it keeps, if it has one. */
export function wishesOf(step: Step): PlaceWish[] {
  const { name } = step.desired;
  const has = step.current && keyOf(step.current.bound, step.current.listener);
  const wants = 'error' in step ? has : placeKey(transportOf(step.desired), step.bound.place);
  return wants === undefined ? [] : [{ name, wants, has }];
}

function keyOf(bound: BoundPlace, { transport }: SimListener): string {
  return placeKey(transport, bound.place);
}

/** A table that cannot be made is told as what the data plane cannot do. */
function asRefusal(name: string, error: unknown): ErrorBody {
  if (!(error instanceof RangeError)) return errorBody(error);
  return {
    code: 'data-plane-refused',
    message: `driver sim cannot serve listener ${name}: ${error.message}`,
  };
}
