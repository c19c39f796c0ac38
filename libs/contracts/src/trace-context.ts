import { sha256Hex } from './canonical-json.js';

/** A place in a trace, as a `traceparent` names it. W3C Trace Context, level 1. */
export interface TracePlace {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  readonly isSampled: boolean;
}

/** Version 00, or a later one, of which the same members are read. */
const FORM =
  /^(?!ff)[0-9a-f]{2}-(?<traceId>(?!0{32})[0-9a-f]{32})-(?<spanId>(?!0{16})[0-9a-f]{16})-(?<flags>[0-9a-f]{2})(?<rest>-.*)?$/;

const SAMPLED = 1;

/** What a `traceparent` names; undefined for what is none: nobody has to answer for what others write there. */
export function readTraceparent(text: string | undefined): TracePlace | undefined {
  const { traceId, spanId, flags, rest } = FORM.exec(text ?? '')?.groups ?? {};
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  if (rest !== undefined && text!.startsWith('00')) return undefined;
  return { traceId, spanId, isSampled: (parseInt(flags, 16) & SAMPLED) === SAMPLED };
}

/** A place as `traceparent`. */
export function traceparentOf({ traceId, spanId, isSampled }: TracePlace): string {
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;
}

/**
 * The place of a step that follows from another one in the same trace. Its id is derived from what the step is about, so that whoever does what
 * follows from it knows it without being told, and a step that is repeated after a crash is the same one. ADR 0053.
 */
export function followingPlace(
  { traceId, isSampled }: TracePlace,
  ...step: readonly (string | number)[]
): TracePlace {
  return { traceId, spanId: sha256Hex([traceId, ...step].join('\0')).slice(0, 16), isSampled };
}

/** The place of a run, in the trace of the first of its facts that has one: `plan`, `run` and `part` are steps of it, in this order. */
export function placeOfRun(
  {
    runId,
    attempt,
    facts,
  }: {
    readonly runId: string;
    readonly attempt: number;
    readonly facts: readonly { readonly traceparent?: string }[];
  },
  step: 'plan' | 'run' | 'part',
): TracePlace | undefined {
  for (const { traceparent } of facts) {
    const place = readTraceparent(traceparent);
    if (place) return followingPlace(place, step, runId, attempt);
  }
  return undefined;
}
