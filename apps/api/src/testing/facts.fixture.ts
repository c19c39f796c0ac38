import { factKey, type FactRecord, factSubject } from '@signalbox/contracts';
import type { ApiSite } from './api-site.fixture.js';

/** An accepted fact of the group default. */
export const factRecord = (id: string, observedAt: string, expiresAt?: string): FactRecord => ({
  fact: {
    id,
    group: 'default',
    sourceNode: 'edge-1.test',
    type: id.startsWith('other') ? 'link.down' : 'address.observed',
    subject: '10.0.0.1/32',
    dedupeKey: id,
    payload: { interface: 'eth0' },
    observedAt,
    ...(expiresAt !== undefined && { expiresAt }),
  },
  own: true,
  change: 'new',
  version: 1,
  current: true,
  way: 'rest',
  acceptedAt: observedAt,
});
/** Puts an accepted fact into the stream of its group, as ingest does. */
export const storeFact = async (site: ApiSite, one: FactRecord): Promise<number> => {
  const { fact } = one;
  const subject = factSubject(fact.group, true, factKey(fact), fact.type);
  return (await site.bus.publisher.publishJson(subject, one)).seq;
};
