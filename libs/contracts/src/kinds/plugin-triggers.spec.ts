import { describe, expect, it } from '@jest/globals';
import { eventTriggersWait, factTopicOf, factTopicsOf } from './plugin-triggers.js';

describe('the topic of an event trigger', () => {
  it.each([
    ['events.lan.client.seen', { group: 'lan', type: 'client.seen' }],
    ['events.lan.client.*', { group: 'lan', type: 'client.*' }],
    ['events.lan.*.seen', { group: 'lan', type: '*.seen' }],
    ['events.lan.>', { group: 'lan', type: '>' }],
    ['events.edge_1.client.>', { group: 'edge_1', type: 'client.>' }],
    [`events.lan.${'a.'.repeat(15)}b`, { group: 'lan', type: `${'a.'.repeat(15)}b` }],
  ])('%s is about facts', (topic, facts) => {
    expect(factTopicOf(topic)).toEqual(facts);
  });

  it.each([
    undefined,
    '',
    'routerd.lease.changed',
    'events',
    'events.lan',
    'events.lan.',
    'events..seen',
    'events.*.seen',
    'events.>',
    'events.lan.>.seen',
    'events.lan.client..seen',
    'events.lan.cl*',
    'events.lan.client seen',
    `events.lan.${'a.'.repeat(16)}b`,
    `events.lan.${'a'.repeat(201)}`,
  ])('%j is about none', (topic) => {
    expect(factTopicOf(topic)).toBeUndefined();
  });

  it('is followed once, and what is about no facts is told', () => {
    const topics = ['events.lan.a', 'routerd.lease', 'events.lan.a', undefined];
    const triggers = [
      { type: 'interval', every: '5m', topic: 'events.lan.b' } as const,
      ...topics.map((topic) => ({ type: 'event', ...(topic !== undefined && { topic }) }) as const),
    ];
    expect(factTopicsOf(triggers)).toEqual(['events.lan.a']);
    expect(eventTriggersWait(triggers).map(({ pointer }) => pointer)).toEqual([
      '/spec/triggers/2/topic',
      '/spec/triggers/4/topic',
    ]);
    expect([factTopicsOf(undefined), eventTriggersWait(undefined)]).toEqual([[], []]);
  });
});
