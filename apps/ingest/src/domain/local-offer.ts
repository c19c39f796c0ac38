import { CodedError, type EventGroupSpec, type Fact, isFactType } from '@signalbox/contracts';

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
 * Group and type of a subject such as `events.<group>.<type…>`. Throws `bad-grammar` when it has no type.
 */
export function parseOfferSubject(subject: string): { group: string; type: string } {
  const [, group = '', ...rest] = subject.split('.');
  const type = rest.join('.');
  if (group === '' || !isFactType(type)) {
    throw new CodedError(
      'bad-grammar',
      `the subject ${subject} must be events.<group>.<type>, for example events.default.client.seen`,
    );
  }
  return { group, type };
}
