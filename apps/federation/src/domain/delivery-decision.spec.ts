import { describe, expect, it } from '@jest/globals';
import type { Fact, FactRecord } from '@signalbox/contracts';
import { type DeliveredFact, skipReason } from './delivery-decision.js';

const NOW_MS = Date.parse('2026-05-30T12:00:00Z');
const ALL = { types: [], subjectPrefixes: [] };

function record(more: Partial<FactRecord> = {}, fact: Partial<Fact> = {}): FactRecord {
  return {
    fact: {
      id: 'evt-1',
      group: 'cloudedge',
      sourceNode: 'onprem',
      type: 'client.observed',
      subject: '10.0.0.1/32',
      dedupeKey: 'evt-1',
      payload: {},
      observedAt: '2026-05-30T11:59:00Z',
      ...fact,
    },
    own: true,
    change: 'new',
    version: 1,
    current: true,
    way: 'rest',
    acceptedAt: '2026-05-30T11:59:00Z',
    ...more,
  };
}

const skip = (one: FactRecord, seq = 10, delivered?: DeliveredFact): string | undefined =>
  skipReason(one, seq, ALL, delivered, NOW_MS);

describe('skipReason', () => {
  it('pushes what is ours, live, wanted and not delivered', () => {
    expect(skip(record())).toBeUndefined();
    expect(skip(record({}, { expiresAt: '2026-05-30T12:00:00Z' }))).toBeUndefined();
  });

  it('T15 skips what has expired', () => {
    expect(skip(record({}, { expiresAt: '2026-05-30T11:59:59.999Z' }))).toBe('expired');
  });

  it('T16 skips what came from a peer', () => {
    expect(skip(record({ own: false, way: 'peer' }))).toBe('not-own');
  });

  it('T18 skips what the peer does not want', () => {
    expect(skipReason(record(), 10, { types: ['x'], subjectPrefixes: [] }, undefined, NOW_MS)).toBe(
      'filtered',
    );
  });

  it('T4 skips a delivered version, T17 pushes the refresh', () => {
    const delivered = { version: 2, seq: 20 };
    expect(skip(record({ version: 1 }), 10, delivered)).toBe('delivered');
    expect(skip(record({ version: 2, change: 'refresh' }), 20, delivered)).toBe('delivered');
    expect(skip(record({ version: 3, change: 'refresh' }), 30, delivered)).toBeUndefined();
  });

  it('pushes a fact whose id was pruned and is new again', () => {
    expect(skip(record({ version: 1 }), 900, { version: 3, seq: 100 })).toBeUndefined();
  });
});
