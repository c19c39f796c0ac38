import { isExpired, type Fact } from '@signalbox/contracts';
import type { Rule } from './rule.js';

/** The clauses of a match in the order in which they are decided. Reference 5.1; `superseded` is ours. */
export const MATCH_CLAUSES = [
  'group',
  'expired',
  'superseded',
  'types',
  'subjectPrefixes',
  'payload',
  'sourceNodes',
] as const;
export type MatchClause = (typeof MATCH_CLAUSES)[number];

/** `message` is for people: what was wanted, what was found. */
export type MatchDecision =
  | { readonly matched: true }
  | { readonly matched: false; readonly clause: MatchClause; readonly message: string };

/** `current`: the fact was the newest of its lineage when it was accepted (FactRecord.current). */
export interface MatchContext {
  readonly current: boolean;
  readonly nowMs: number;
}

/** How many wanted values a message names before it counts the rest. */
const NAMED_VALUES = 5;

/** Whether a fact starts the plugin of a rule; if not, the first clause that failed. All clauses must hold. */
export function decideMatch(rule: Rule, fact: Fact, context: MatchContext): MatchDecision {
  const { types, subjectPrefixes = [], payload = {}, sourceNodes = [] } = rule.match;

  if (fact.group !== rule.group) return refuse('group', `group ${quote(rule.group)}`, quote(fact.group));

  if (isExpired(fact, context.nowMs))
    return refuse('expired', 'a fact that is still valid', `one that expired at ${fact.expiresAt}`);

  if (!context.current)
    return refuse('superseded', 'the newest fact of its lineage', 'one that came after a newer one');

  if (!types.includes(fact.type)) return refuse('types', `type ${anyOf(types)}`, quote(fact.type));

  if (subjectPrefixes.length > 0 && !subjectPrefixes.some((prefix) => fact.subject.startsWith(prefix)))
    return refuse(
      'subjectPrefixes',
      `a subject that starts with ${anyOf(subjectPrefixes)}`,
      quote(fact.subject),
    );

  for (const [key, wanted] of Object.entries(payload)) {
    const found = payloadValue(fact, key);
    if ((found ?? '') !== wanted)
      return refuse(
        'payload',
        `payload ${quote(key)} = ${quote(wanted)}`,
        found === undefined ? 'no such key' : quote(found),
      );
  }

  if (sourceNodes.length > 0 && !sourceNodes.includes(fact.sourceNode))
    return refuse('sourceNodes', `source node ${anyOf(sourceNodes)}`, quote(fact.sourceNode));

  return { matched: true };
}

/** Own members only: a key such as `constructor` must not find what every object inherits. */
function payloadValue(fact: Fact, key: string): string | undefined {
  return Object.hasOwn(fact.payload, key) ? fact.payload[key] : undefined;
}

function refuse(clause: MatchClause, wanted: string, found: string): MatchDecision {
  return { matched: false, clause, message: `wants ${wanted}, found ${found}` };
}

function quote(text: string): string {
  return JSON.stringify(text);
}

function anyOf(texts: readonly string[]): string {
  const named = texts.slice(0, NAMED_VALUES).map(quote).join(' or ');
  const more = texts.length - NAMED_VALUES;
  return more > 0 ? `${named} or one of ${more} more` : named;
}
