import type { Fact } from './fact.js';

/**
 * JSON body of a fact for the wire (peers, plugins, replies): camelCase, empty members left out except
 * `dedupeKey`, which the reference always fills with the id.
 */
export function factToWire(fact: Fact): Record<string, unknown> {
  return {
    id: fact.id,
    group: fact.group,
    ...(fact.sourceNode !== '' && { sourceNode: fact.sourceNode }),
    type: fact.type,
    ...(fact.subject !== '' && { subject: fact.subject }),
    dedupeKey: fact.dedupeKey,
    ...(Object.keys(fact.payload).length > 0 && { payload: fact.payload }),
    observedAt: fact.observedAt,
    ...(fact.expiresAt !== undefined && { expiresAt: fact.expiresAt }),
    ...(fact.traceparent !== undefined && { traceparent: fact.traceparent }),
    ...(fact.correlationId !== undefined && { correlationId: fact.correlationId }),
    ...(fact.causationId !== undefined && { causationId: fact.causationId }),
  };
}
