import type { BackendCommand, BackendIntent, BackendState, OperatorNote } from '@signalbox/contracts';

/** What shall be done with a backend. */
export type Wanted = BackendIntent['intent'];

/**
 * What is wanted of a backend now: what an operator said last, unless the config has changed its mind about `enabled`
 * since. Survives reload and restart. spec/health "State machine", reference 3.12.
 */
export function wantedOf(
  intent: Pick<BackendIntent, 'intent' | 'configEnabled'> | undefined,
  configEnabled: boolean,
): Wanted {
  if (intent?.configEnabled === configEnabled) return intent.intent;
  return configEnabled ? 'run' : 'disable';
}

/** What an operator wants with a command. */
export function intentOf(command: BackendCommand): Wanted {
  return command === 'pause' ? 'pause' : command === 'disable' ? 'disable' : 'run';
}

/** Codes of what follows from each intent. */
const CODES_OF: Readonly<Record<Wanted, readonly string[]>> = {
  run: ['enabled', 'resumed'],
  pause: ['paused'],
  disable: ['disabled'],
};

/** Who wanted a change that bears this code, and why; undefined when it does not follow from the intent. */
export function noteOf(intent: BackendIntent | undefined, code: string): OperatorNote | undefined {
  if (!intent || !CODES_OF[intent.intent].includes(code)) return undefined;
  const { author, reason } = intent;
  return { author, ...(reason !== undefined && { reason }) };
}

/** Whether a state is what is wanted; probes decide between the states of a backend that runs. */
export function fulfils(state: BackendState, wanted: Wanted): boolean {
  if (wanted === 'pause') return state === 'paused';
  if (wanted === 'disable') return state === 'disabled';
  return state !== 'paused' && state !== 'disabled' && state !== 'removed';
}
