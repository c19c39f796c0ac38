import { sha256Hex } from './canonical-json.js';
import { lineageOf } from './fact-identity.js';
import { subscriptionOwner } from './subjects.js';
import type { RunFact } from './records/run-record.js';

/**
 * Where the part of a run stands: a later run over the same lineages replaces it. The hash is over the set of
 * lineages, sorted as UTF-8 bytes. Spec plugins-and-config "Parts".
 */
export function partSourceOf(
  subscription: string,
  facts: readonly Pick<RunFact, 'origin' | 'factKey'>[],
): string {
  const lineages = [...new Set(facts.map((fact) => lineageOf(fact.origin, fact.factKey)))].sort(compareBytes);
  return `${subscriptionOwner(subscription)}/${sha256Hex(lineages.join('\n')).slice(0, 16)}`;
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
