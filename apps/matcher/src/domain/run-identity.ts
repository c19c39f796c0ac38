import { canonicalJson, sha256Hex, type RunFact } from '@signalbox/contracts';
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

/** Identity of a run that follows from something else than facts that matched: it is named by that, and by its facts. */
export function runIdOfPiece(after: string, facts: readonly Pick<RunFact, 'seq'>[]): string {
  return `run-${sha256Hex(canonicalJson([after, facts.map(({ seq }) => seq)])).slice(0, 24)}`;
}
