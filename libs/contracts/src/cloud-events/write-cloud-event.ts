import type { Fact } from '../fact.js';
import { attributeOfKey, type CloudEvent, sourceOfSite } from './attributes.js';

/** A fact as a CloudEvent 1.0: what `factOfCloudEvent` reads as the same fact again. */
export function cloudEventOf(fact: Fact): CloudEvent & { readonly data: Readonly<Record<string, string>> } {
  const members = Object.entries(fact.payload).map(
    ([key, value]) => [key, value, attributeOfKey(key, value)] as const,
  );
  const data = Object.fromEntries(members.filter(([, , name]) => name === undefined));
  const kept: Readonly<Record<string, string>> = Object.fromEntries(
    members.flatMap(([, value, name]) => (name === undefined ? [] : [[name, value]])),
  );
  const origin: Readonly<Record<string, string>> =
    kept['source'] === undefined
      ? { source: sourceOfSite(fact.sourceNode, fact.group) }
      : { sourcenode: fact.sourceNode, factgroup: fact.group };
  const attributes = {
    specversion: '1.0',
    id: fact.id,
    ...origin,
    type: fact.type,
    ...(fact.subject !== '' && { subject: fact.subject }),
    time: fact.observedAt,
    datacontenttype: 'application/json',
    ...(fact.dedupeKey !== fact.id && { dedupekey: fact.dedupeKey }),
    ...(fact.expiresAt !== undefined && { expiresat: fact.expiresAt }),
    ...(fact.traceparent !== undefined && { traceparent: fact.traceparent }),
    ...(fact.correlationId !== undefined && { correlationid: fact.correlationId }),
    ...(fact.causationId !== undefined && { causationid: fact.causationId }),
    ...kept,
  };
  return { attributes, data };
}
