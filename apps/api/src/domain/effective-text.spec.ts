import { describe, expect, it } from '@jest/globals';
import { toRouterDocument } from '@signalbox/contracts';
import { effectiveText } from './effective-text.js';

const resource = (name: string) => ({
  apiVersion: 'example.org/v1',
  kind: 'Thing',
  metadata: { name },
  spec: { text: ']}}' },
});

describe('effectiveText', () => {
  it.each([[[]], [[resource('a')]], [[resource('a'), resource('b')]]])(
    'is the document that parsing and serialising would make: %j',
    (resources) => {
      const text = effectiveText(
        { generation: 7, digest: 'd', quarantined: 2 },
        resources.map((one) => JSON.stringify(one)).join(','),
      );
      const annotations = {
        'signalbox.dev/generation': '7',
        'signalbox.dev/digest': 'd',
        'signalbox.dev/quarantined': '2',
      };
      const router = toRouterDocument('effective', resources);
      expect(text).toBe(JSON.stringify({ ...router, metadata: { ...router.metadata, annotations } }));
    },
  );
});
