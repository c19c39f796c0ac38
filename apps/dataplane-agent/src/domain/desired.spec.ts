import { describe, expect, it } from '@jest/globals';
import { digestOf, type NodeListener } from '@signalbox/contracts';
import { assemble, comesAfter, type HeldListener } from './desired.js';
import { desired, given, manifest } from './given-node.fixture.js';

const [web, dns] = [given('web', [1, 100]), given('dns', [2, 100])];

function held(...listeners: readonly NodeListener[]): Map<string, HeldListener> {
  return new Map(
    listeners.map((listener) => [`key of ${listener.name}`, { listener, digest: digestOf(listener) }]),
  );
}

describe('assemble', () => {
  it('gives the whole state when every key holds what the manifest names', () => {
    expect(assemble(manifest(3, [dns, web]), held(web, dns))).toEqual(desired(3, dns, web));
    expect(assemble(manifest(3, []), held(web))).toEqual(desired(3));
  });

  it('names the keys that hold nothing or something else', () => {
    const other = held(given('web', [1, 50]));
    expect(assemble(manifest(3, [dns, web]), other)).toEqual({ missing: ['key of dns', 'key of web'] });
  });
});

describe('comesAfter', () => {
  it('goes up within an epoch, and any state of another one is newer', () => {
    expect(comesAfter(desired(1), undefined)).toBe('newer');
    expect(comesAfter(desired(2), desired(1))).toBe('newer');
    expect(comesAfter(desired(2), desired(2))).toBe('same');
    expect(comesAfter(desired(1), desired(2))).toBe('stale');
    expect(comesAfter({ ...desired(1), epoch: 'e2' }, desired(2))).toBe('newer');
  });
});
