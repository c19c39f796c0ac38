import { canonicalJson, lineageOf, sha256Hex, subscriptionOwner, type RunFact } from '@signalbox/contracts';
import type { Rule } from './rule.js';

/** A fact as a run id sees it: its expiry is part of it, so a refresh is a new run. */
export type ExpiringFact = Pick<RunFact, 'id' | 'origin'> & { readonly expiresAt?: string };

/**
 * Identity of a run: the same facts under the same rule are the same run, however often they are read; a refresh,
 * a newer fact or a changed rule is another one. The order of the facts does not matter. Spec "Run identity".
 */
export function runIdOf(
  rule: Pick<Rule, 'subscription' | 'revision' | 'group'>,
  facts: readonly ExpiringFact[],
): string {
  const members = facts
    .map((fact) => canonicalJson([rule.group, fact.origin, fact.id, fact.expiresAt ?? '']))
    .sort();
  return `run-${sha256Hex(canonicalJson([rule.subscription, rule.revision, members])).slice(0, 24)}`;
}

/** Identity of the run of a piece of a batch: it follows from the attempt at whose end it is planned. */
export function runIdOfPiece(after: string, facts: readonly Pick<RunFact, 'seq'>[]): string {
  return `run-${sha256Hex(canonicalJson([after, facts.map(({ seq }) => seq)])).slice(0, 24)}`;
}

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
