import { describe, expect, it } from '@jest/globals';
import { partDigest } from './part-content.js';
import { PROVENANCE, withoutProvenance, withProvenance } from '@signalbox/contracts';
import { claim } from './resources.fixture.js';

const FACTS = [
  { id: 'f2', subject: '10.0.0.2/32' },
  { id: 'f1', subject: '' },
  { id: 'f3', subject: '10.0.0.3/32' },
];

describe('provenance', () => {
  it('joins several facts in their order and leaves out empty subjects', () => {
    const resource = withProvenance(claim('a'), { owner: 'EventSubscription/s', group: 'g', facts: FACTS });
    expect(resource.metadata.annotations).toEqual({
      'routerd.net/dynamic-source': 'EventSubscription/s',
      'routerd.net/event-group': 'g',
      'routerd.net/event-id': 'f2,f1,f3',
      'routerd.net/event-subject': '10.0.0.2/32,10.0.0.3/32',
    });
  });

  it('keeps other annotations and overwrites forged ones, also the one that it would leave out', () => {
    const forged = Object.fromEntries(Object.values(PROVENANCE).map((name) => [name, 'forged']));
    const resource = claim('a', { annotations: { ...forged, note: 'kept' } });
    const facts = [{ id: 'f1', subject: '' }];
    expect(withProvenance(resource, { owner: 'o', group: 'g', facts }).metadata.annotations).toEqual({
      note: 'kept',
      'routerd.net/dynamic-source': 'o',
      'routerd.net/event-group': 'g',
      'routerd.net/event-id': 'f1',
    });
  });

  it('goes as it came', () => {
    const provenance = { owner: 'o', group: 'g', facts: FACTS };
    for (const resource of [claim('a'), claim('a', { annotations: { note: 'kept' } })]) {
      expect(withoutProvenance(withProvenance(resource, provenance))).toEqual(resource);
    }
  });

  it('is no part of the digest of a part, nor is the order of its resources', () => {
    const provenance = { owner: 'o', group: 'g', facts: FACTS };
    const bare = { resources: [claim('a'), claim('b')], directives: [] };
    const full = { resources: [claim('b'), withProvenance(claim('a'), provenance)], directives: [] };
    expect(partDigest(full)).toBe(partDigest(bare));
  });
});
