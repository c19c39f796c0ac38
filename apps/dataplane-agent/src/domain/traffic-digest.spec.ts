import { expect, it } from '@jest/globals';
import { applied, desired, given, refused } from './given-node.fixture.js';
import { trafficDigest } from './traffic-digest.js';

const [web, dns] = [given('web', [1, 100], [2, 50]), { ...given('dns', [3, 100]), port: 53 }];

it('is equal for nodes that send packets to the same targets, whatever things are called there', () => {
  const one = trafficDigest(desired(1, dns, web).state, applied('dns', 'web'));
  const named = [
    { ...web, name: 'a' },
    { ...dns, name: 'b', listenAt: { address: '127.0.0.1' } },
  ];
  expect(trafficDigest(desired(7, ...named).state, applied('a', 'b'))).toBe(one);
});

it('is another one with another weight, target, listener or table', () => {
  const digests = [
    trafficDigest(desired(1, web).state, applied('web')),
    trafficDigest(desired(1, given('web', [1, 100], [2, 51])).state, applied('web')),
    trafficDigest(desired(1, given('web', [1, 100])).state, applied('web')),
    trafficDigest(desired(1, dns, web).state, applied('dns', 'web')),
    ...['t1', 't2'].map((tableDigest) =>
      trafficDigest(
        desired(1, web).state,
        applied('web').map((result) => ({ ...result, tableDigest })),
      ),
    ),
  ];
  expect(new Set(digests).size).toBe(digests.length);
});

it('has nothing of what is refused', () => {
  const one = trafficDigest(desired(1, web).state, applied('web'));
  expect(trafficDigest(desired(1, dns, web).state, [refused('dns'), ...applied('web')])).toBe(one);
  expect(trafficDigest(desired(1, dns).state, [refused('dns')])).toBeUndefined();
});
