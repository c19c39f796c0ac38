import { expect, test } from '@jest/globals';
import type { Fact } from '@signalbox/contracts';
import { buildPluginRequest, type PluginRequestInput } from './plugin-request.js';

const fact: Fact = {
  id: 'e1',
  group: 'cloudedge',
  sourceNode: 'onprem-event-node',
  type: 'routerd.client.ipv4.observed',
  subject: '10.88.60.9/32',
  dedupeKey: 'e1',
  payload: { ownerSide: 'onprem' },
  observedAt: '2026-05-30T12:00:00Z',
};

const input: PluginRequestInput = {
  plugin: 'event-to-remote-claim',
  subscription: 'cloud-claims',
  facts: [fact],
  contextResources: [{ apiVersion: 'a/v1', kind: 'K', name: 'n', spec: { x: 1 } }],
  startupConfigHash: 'abc',
  effectiveGeneration: 7,
  previousDynamicGeneration: 2,
  nowMs: Date.parse('2026-05-30T12:00:01.000Z'),
  tag: 'run-1.1',
  capabilities: ['propose.dynamicConfig'],
};

test('the request has the shape of reference 6.4 and our meta', () => {
  expect(buildPluginRequest(input)).toEqual({
    apiVersion: 'plugin.routerd.net/v1alpha1',
    kind: 'PluginRequest',
    metadata: { name: 'event-to-remote-claim' },
    spec: {
      trigger: { type: 'federation-subscription', topic: 'routerd.federation.subscription/cloud-claims' },
      startupConfigHash: 'abc',
      effectiveGeneration: 7,
      previousDynamicGeneration: 2,
      now: '2026-05-30T12:00:01.000Z',
      events: [
        {
          id: 'e1',
          group: 'cloudedge',
          sourceNode: 'onprem-event-node',
          type: 'routerd.client.ipv4.observed',
          subject: '10.88.60.9/32',
          dedupeKey: 'e1',
          payload: { ownerSide: 'onprem' },
          observedAt: '2026-05-30T12:00:00Z',
        },
      ],
      context: { resources: [{ apiVersion: 'a/v1', kind: 'K', name: 'n', spec: { x: 1 } }] },
    },
    meta: { protocol: 'v1alpha1', tag: 'run-1.1', capabilities: ['propose.dynamicConfig'] },
  });
});

test('a run by hand is triggered manually', () => {
  const { subscription: _, ...byHand } = input;
  expect(buildPluginRequest(byHand).spec.trigger).toEqual({ type: 'manual', topic: '' });
});
