import { describe, expect, it } from '@jest/globals';
import { formatTime, validateResource } from '@signalbox/contracts';
import fc from 'fast-check';
import { endpoint, pool, START_MS } from './discovery.fixture.js';
import {
  endpointKey,
  type HeldEndpoint,
  sourceResources,
  type SourceState,
  stateOfResources,
} from './source-state.js';

const SOURCE = { name: 'vms', project: 'default', spec: { weight: 50, healthCheck: 'http' } };

function stateOf(...endpoints: readonly HeldEndpoint[]): SourceState {
  return { frame: new Map(), endpoints: new Map(endpoints.map((one) => [endpointKey(one), one])) };
}

describe('the part of a source', () => {
  it('has a Backend and a PoolMember for each endpoint', () => {
    const resources = sourceResources(
      stateOf(endpoint(1), endpoint(2, { weight: 7, tags: ['b', 'a'] })),
      SOURCE,
    );
    expect(resources.map(({ resource }) => resource)).toEqual([
      {
        apiVersion: 'balance.signalbox.dev/v1alpha1',
        kind: 'Backend',
        metadata: { name: 'vms-192.0.2.1:8080' },
        spec: { address: '192.0.2.1', port: 8080, healthcheck: 'http' },
      },
      expect.objectContaining({
        metadata: { name: 'vms-192.0.2.2:8080', annotations: { 'balance.signalbox.dev/tags': 'a,b' } },
      }),
      {
        apiVersion: 'balance.signalbox.dev/v1alpha1',
        kind: 'PoolMember',
        metadata: { name: 'pool/web/vms-192.0.2.1:8080' },
        spec: { poolRef: 'web', backendRef: 'vms-192.0.2.1:8080', weight: 50 },
      },
      expect.objectContaining({ spec: { poolRef: 'web', backendRef: 'vms-192.0.2.2:8080', weight: 7 } }),
    ]);
  });

  it('has one Backend for a place in two pools, and the weight 0 for who gets nothing new', () => {
    const leavesAt = formatTime(START_MS);
    const state = stateOf(endpoint(1), endpoint(1, { pool: 'spare', isDraining: true }), {
      ...endpoint(2),
      leavesAt,
    });
    const resources = sourceResources(state, SOURCE).map(({ resource }) => resource);
    expect(resources.map(({ kind, spec }) => [kind, spec['weight']])).toEqual([
      ['Backend', undefined],
      ['Backend', undefined],
      ['PoolMember', 0],
      ['PoolMember', 50],
      ['PoolMember', 0],
    ]);
    const drained = sourceResources(state, SOURCE, { allDraining: true });
    expect(drained.every(({ resource: { kind, spec } }) => kind === 'Backend' || spec['weight'] === 0)).toBe(
      true,
    );
  });

  it('is in the project of the source, and names the fact of each endpoint', () => {
    const fact = { seq: 1, id: 'f', origin: 'edge-1', factKey: 'k', subject: 's' };
    const resources = sourceResources(stateOf(endpoint(1, { fact })), { ...SOURCE, project: 'shop' });
    expect(resources.map(({ resource, fact: from }) => [resource.metadata.project, from])).toEqual([
      ['shop', fact],
      ['shop', fact],
    ]);
  });

  it('says its state, whatever that is, in valid resources', () => {
    const anything = fc.record(
      {
        pool: fc.constantFrom('web', 'a/b', 'a~b'),
        address: fc.oneof(
          fc.integer({ min: 1, max: 254 }).map((last) => `192.0.2.${last}`),
          fc.integer({ min: 1, max: 65535 }).map((last) => `2001:db8::${last.toString(16)}`),
        ),
        port: fc.integer({ min: 1, max: 65535 }),
        weight: fc.integer({ min: 1, max: 100 }).filter((weight) => weight !== SOURCE.spec.weight),
        isDraining: fc.constant(true as const),
        tags: fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1 }).map((tags) => tags.sort()),
        leavesAt: fc.constant(formatTime(START_MS)),
      },
      { requiredKeys: ['pool', 'address', 'port'] },
    );
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 20 }), (endpoints) => {
        const frame = new Map([['k', pool('web')]]);
        const before: SourceState = { ...stateOf(...endpoints), frame };
        const resources = sourceResources(before, SOURCE).map(({ resource }) => resource);
        for (const resource of resources) expect(validateResource(resource)).toEqual(resource);
        const after = stateOfResources(resources, SOURCE);
        const again = sourceResources(after, SOURCE).map(({ resource }) => resource);
        expect(again).toEqual(resources);
        expect([...after.endpoints.keys()].sort()).toEqual([...before.endpoints.keys()].sort());
      }),
    );
  });
});
