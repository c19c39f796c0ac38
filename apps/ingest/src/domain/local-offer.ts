import { CodedError, type EventGroupSpec, type Fact, FACT_LIMITS, isFactType } from '@signalbox/contracts';

/**
 * Checks of the local ways in (pub, request, REST): the fact must name the group and type of its subject or path,
 * and no other node than ours. Throws `group-mismatch`, `type-mismatch`, `foreign-source`.
 */
export function checkLocalFact(
  fact: Fact,
  group: string,
  type: string | undefined,
  spec: EventGroupSpec,
): void {
  if (fact.group !== group) {
    throw new CodedError('group-mismatch', `the body names group ${fact.group}, it was sent to ${group}`);
  }
  if (type !== undefined && fact.type !== type) {
    throw new CodedError('type-mismatch', `the body names type ${fact.type}, its subject says ${type}`);
  }
  if (fact.sourceNode !== spec.nodeName) {
    const message = `sourceNode ${fact.sourceNode} is not this site (${spec.nodeName}): leave sourceNode out`;
    throw new CodedError('foreign-source', message);
  }
}

/**
 * Group and type of a subject such as `events.<group>.<type…>` or `emit.<group>.<type…>`. Throws `bad-grammar` with the
 * subject that was used when it has no type, or none that a fact can have.
 */
export function parseOfferSubject(subject: string): { group: string; type: string } {
  const [way = '', group = '', ...tokens] = subject.split('.');
  const type = tokens.join('.');
  if (group !== '' && isFactType(type)) return { group, type };
  const form = `write ${way}.<group>.<type>, for example ${way}.default.client.seen`;
  throw new CodedError('bad-grammar', `the subject ${quoted(subject)} ${typeProblem(type, tokens)}: ${form}`);
}

function typeProblem(type: string, tokens: readonly string[]): string {
  const { typeTokens, typeLength } = FACT_LIMITS;
  if (type === '') return 'has no type';
  if (tokens.length > typeTokens)
    return `has a type of ${tokens.length} tokens, at most ${typeTokens} are allowed`;
  if (type.length > typeLength)
    return `has a type of ${type.length} characters, at most ${typeLength} are allowed`;
  return 'has a type with a token that is empty or holds more than letters, digits, "_" and "-"';
}

function quoted(subject: string): string {
  return subject.length > FACT_LIMITS.typeLength ? `${subject.slice(0, FACT_LIMITS.typeLength)}…` : subject;
}
