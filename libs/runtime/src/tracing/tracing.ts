import type { ServiceName, TracePlace } from '@signalbox/contracts';

/** What a step of the chain says of itself. */
export type StepAttributes = Readonly<Record<string, string | number | boolean>>;

/** A step of the chain that begins. */
export interface TraceStep {
  readonly service: ServiceName;
  /** What is done, in a word or two: `accept`, `deliver`, `plan`. */
  readonly name: string;
  /** What it follows from; absent: it is the first of a trace. */
  readonly parent?: TracePlace;
  /** Its own place where others derive that too (`followingPlace`); absent: one that nobody knows. */
  readonly place?: TracePlace;
  /** What else it follows from, in whatever trace. */
  readonly links?: readonly TracePlace[];
  readonly attributes?: StepAttributes;
  /** Milliseconds since the epoch; absent: now. */
  readonly startMs?: number;
}

/** How a step ended. */
export interface StepEnd {
  /** Milliseconds since the epoch; absent: now. */
  readonly endMs?: number;
  /** Why it failed; absent: it did not. */
  readonly error?: string;
  readonly attributes?: StepAttributes;
}

/** A step that was begun. */
export interface OpenStep {
  readonly place: TracePlace;
  end(how?: StepEnd): void;
}

/**
 * Tells an OpenTelemetry collector what the chain does. Whether there is one, the environment says (`OTEL_…`); without, nothing is done and
 * nothing is loaded. ADR 0053.
 */
export abstract class Tracing {
  /** Whether anybody wants to know: callers do nothing for traces while this is false. */
  abstract readonly isOn: boolean;

  /** Undefined when nobody wants to know. */
  abstract begin(step: TraceStep): OpenStep | undefined;

  /** Sends what was not sent yet. */
  abstract stop(): Promise<void>;

  /** A step that is over. */
  tell(step: TraceStep, how: StepEnd = {}): void {
    this.begin(step)?.end(how);
  }
}

/** Without a collector. */
export class NoTracing extends Tracing {
  readonly isOn = false;

  begin(): undefined {
    return undefined;
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }
}
