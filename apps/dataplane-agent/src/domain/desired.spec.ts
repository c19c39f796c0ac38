import { describe, expect, it } from '@jest/globals';
import { digestOf, type NodeAnnouncements, type NodeListener } from '@signalbox/contracts';
import { assemble, comesAfter, type HeldKeys } from './desired.js';
import { desired, given, manifest } from './given-node.fixture.js';

const [web, dns] = [given('web', [1, 100]), given('dns', [2, 100])];

function held(...listeners: readonly NodeListener[]): HeldKeys {
  return {
    listeners: new Map(
      listeners.map((listener) => [`key of ${listener.name}`, { listener, digest: digestOf(listener) }]),
    ),
    announcements: new Map(),
  };
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

  it('is complete with what the node announces only, when the manifest names that', () => {
    const announcements: NodeAnnouncements = { prefixes: ['192.0.2.0/24'], peers: [], vips: [] };
    const named = { key: 'local.announcements.a', digest: digestOf(announcements) };
    const wanted = { ...manifest(3, [web]), announcements: named };
    const keys = (value: NodeAnnouncements): HeldKeys => ({
      ...held(web),
      announcements: new Map([[named.key, { announcements: value, digest: digestOf(value) }]]),
    });
    expect(assemble(wanted, held(web))).toEqual({ missing: [named.key] });
    expect(assemble(wanted, keys({ ...announcements, prefixes: [] }))).toEqual({ missing: [named.key] });
    expect(assemble(wanted, keys(announcements))).toEqual({ ...desired(3, web), announcements });
    expect(assemble(manifest(3, [web]), keys(announcements))).toEqual(desired(3, web));
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
