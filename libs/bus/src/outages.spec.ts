import { describe, expect, it } from '@jest/globals';
import { Outages, Presence } from './outages.js';

describe('Outages', () => {
  const gone = new Error('gone');

  it('explains an error of a server that is away, and one that was caused by it', () => {
    const outages = new Outages();
    outages.add('nats-unavailable', () => false);
    outages.add('store-unavailable', (error) => error === gone);
    expect(outages.explain(gone)).toBe('store-unavailable');
    expect(outages.explain(new Error('a batch', { cause: new Error('a query', { cause: gone }) }))).toBe(
      'store-unavailable',
    );
    expect(outages.explain(new Error('another'))).toBeUndefined();
  });

  it('survives errors that cause each other', () => {
    const one = new Error('one');
    const two = new Error('two', { cause: one });
    one.cause = two;
    const outages = new Outages();
    outages.add('store-unavailable', (error) => error === gone);
    expect(outages.explain(one)).toBeUndefined();
  });
});

describe('Presence', () => {
  it('tells a change once, and is troubled from the loss until a while after the return', () => {
    const presence = new Presence();
    expect([presence.isUp, presence.isTroubled]).toEqual([true, false]);
    expect([presence.note(false), presence.note(false)]).toEqual([true, false]);
    expect([presence.isUp, presence.isTroubled]).toEqual([false, true]);
    expect([presence.note(true), presence.note(true)]).toEqual([true, false]);
    expect([presence.isUp, presence.isTroubled]).toEqual([true, true]);
  });
});
