import type { ErrorBody } from '@signalbox/contracts';

/** How one push ended: the peer answered, or did not (`failure` says why). `dateMs`: what its clock showed, whole seconds. */
export type PushOutcome =
  { readonly status: number; readonly text: string; readonly dateMs?: number } | { readonly failure: string };

/**
 * What a push means. `delivered`: the peer has the fact. `dead`: it judged the fact, no retry helps. `refused`: it
 * judged us, no other fact would fare better. `retry`: it may work later.
 */
export type Verdict =
  | { readonly kind: 'delivered'; readonly duplicate: boolean }
  | { readonly kind: 'dead' | 'refused' | 'retry'; readonly error: ErrorBody };

/** Statuses that judge the fact, and those that may pass. Any other that is not 2xx judges us: nothing is lost. */
const JUDGES_FACT: readonly number[] = [400, 409, 413];
const MAY_PASS: readonly number[] = [408, 425, 429];

/** Most characters of an answer that an error quotes. */
const QUOTED = 200;

/** Sorts the answer of a peer. spec/federation "Delivery"; T28. */
export function judgeResponse(outcome: PushOutcome): Verdict {
  if ('failure' in outcome) {
    return { kind: 'retry', error: { code: 'peer-unreachable', message: `no answer: ${outcome.failure}` } };
  }
  const { status, text } = outcome;
  const answer = readAnswer(text);
  if (status >= 200 && status < 300) return { kind: 'delivered', duplicate: answer?.['duplicate'] === true };
  const message = `the peer answered ${status}${quote(text, answer)}`;
  if (status >= 500 || MAY_PASS.includes(status) || answer?.['code'] === 'replay') {
    return { kind: 'retry', error: { code: 'peer-unreachable', message } };
  }
  if (JUDGES_FACT.includes(status)) return { kind: 'dead', error: { code: 'peer-refused-fact', message } };
  return { kind: 'refused', error: { code: 'peer-refused-us', message } };
}

function readAnswer(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function quote(text: string, answer: Record<string, unknown> | undefined): string {
  const coded = [answer?.['code'], answer?.['message']].filter((part) => typeof part === 'string');
  const said = (coded.length > 0 ? coded.join(': ') : text).trim().slice(0, QUOTED);
  return said === '' ? '' : `: ${said}`;
}
