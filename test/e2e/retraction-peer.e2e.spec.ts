import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FEDERATION_API } from '@signalbox/contracts';
import { until } from '@signalbox/testing';
import {
  CLOUD_NODE,
  delivered,
  emit,
  FederatedPair,
  GROUP,
  observation,
  OBSERVED,
} from './federated-pair.js';
import { manifest, plugin, resource } from './manifests.js';
import { activeParts, activePart, partsOf } from './site-activity.js';
import { seenHost } from './test-plugins.js';

const TEST_MS = 300_000;
const GONE = 'routerd.client.ipv4.gone';

describe('a retraction of another site', () => {
  let pair: FederatedPair;

  beforeAll(async () => {
    pair = await FederatedPair.start();
    await pair.applyExamples();
    const { onprem, cloud, endpoint } = pair;
    const peer = { groupRef: GROUP, nodeName: CLOUD_NODE, endpoint, types: [OBSERVED, GONE] };
    await onprem.apply(manifest(resource(FEDERATION_API, 'EventPeer', 'cloud', peer)));
    await cloud.apply(
      manifest(
        plugin('seen-host', await cloud.addPlugin('seen-host', seenHost())),
        resource(FEDERATION_API, 'EventSubscription', 'seen', {
          groupRef: GROUP,
          match: { types: [OBSERVED], subjectPrefixes: ['far-'] },
          trigger: { pluginRef: 'seen-host' },
          retract: { types: [GONE], grace: '1s' },
        }),
      ),
    );
  }, TEST_MS);

  afterAll(() => pair?.stop(), TEST_MS);

  it(
    'E16 ends here what its own facts led to, and not what ours led to',
    async () => {
      const { onprem, cloud } = pair;
      const payload = { serial: '1' };
      const theirs = observation({ subject: 'far-theirs', payload });
      const ours = observation({ subject: 'far-ours', payload });
      await emit(onprem, GROUP, theirs);
      await emit(cloud, GROUP, ours);
      await activePart(cloud, 'seen', theirs.id);
      await activePart(cloud, 'seen', ours.id);

      const about = { type: GONE, payload: {} };
      const others = observation({ subject: 'far-ours', ...about });
      await emit(onprem, GROUP, others);
      await delivered(onprem, others.id);
      await emit(onprem, GROUP, observation({ id: 'theirs-gone', subject: 'far-theirs', ...about }));
      const ended = await until('the end of their part', async () =>
        (await partsOf(cloud, 'seen')).find(({ state }) => state === 'withdrawn'),
      );
      expect(ended.reason).toBe(`fact theirs-gone (${GONE}) retracted it`);
      const [left, ...more] = await activeParts(cloud, 'seen');
      expect([left?.withdrawAt, more]).toEqual([undefined, []]);
      expect((await activePart(cloud, 'seen', ours.id)).source).toBe(left?.source);
    },
    TEST_MS,
  );
});
