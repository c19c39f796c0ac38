import { describe, expect, it } from '@jest/globals';
import { type KnownVip, whyNotAnnounced } from './why-not-announced.js';

const VIP: KnownVip = { nodes: [], listeners: [{ name: 'web' }], pool: 'edge', isToBeAnnounced: true };
const node = (name: string, state: KnownVip['nodes'][number]['state'], why?: string) => ({
  ...{ node: name, state },
  ...(why !== undefined && { why }),
});

describe('why no node announces a VIP', () => {
  it.each<[string, Partial<KnownVip>, string | undefined]>([
    ['one does', { nodes: [node('a', 'withdrawn', 'drained'), node('b', 'announced')] }, undefined],
    [
      'nodes say why',
      { nodes: [node('a', 'withdrawn', 'no target has a weight'), node('b', 'standby')] },
      'a: no target has a weight; b: standby',
    ],
    [
      'many nodes say why',
      { nodes: ['a', 'b', 'c', 'd', 'e'].map((name) => node(name, 'refused', 'no peer')) },
      'a: no peer; b: no peer; c: no peer; and 2 more',
    ],
    [
      'it is nobody’s',
      { pool: undefined as unknown as string },
      'it lies in no VipPool, and nothing else is announced',
    ],
    ['nobody asked for it', { isToBeAnnounced: false }, 'no Announcement is for VipPool/edge'],
    ['nothing is there', { listeners: [] }, 'no listener is at it'],
    [
      'no node serves it',
      { listeners: [{ name: 'web' }, { name: 'dns', unplaced: 'it is not enabled' }] },
      'dns: it is not enabled',
    ],
    ['it is new', {}, 'no node has said anything of it yet'],
  ])('%s', (_case, changes, why) => {
    expect(whyNotAnnounced({ ...VIP, ...changes })).toBe(why);
  });
});
