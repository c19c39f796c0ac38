import { describe, expect, it } from '@jest/globals';
import { FEDERATION_API, type Resource } from '@signalbox/contracts';
import { wantedPeers } from './wanted-peer.js';

const resource = (kind: string, name: string, spec: Record<string, unknown>): Resource => ({
  apiVersion: FEDERATION_API,
  kind,
  metadata: { name },
  spec,
});
const group = (name: string, more: object = {}): Resource =>
  resource('EventGroup', name, { nodeName: 'hub', ...more });
const peer = (name: string, more: object = {}): Resource =>
  resource('EventPeer', name, { groupRef: 'g', nodeName: name, endpoint: `http://${name}`, ...more });

describe('wantedPeers', () => {
  it('joins peers with their group, in order', () => {
    const auth = { secretFile: '/secret' };
    const peers = [peer('b'), group('g', { auth }), peer('a', { types: ['t'], subjectPrefixes: ['10.'] })];
    expect(wantedPeers(peers)).toEqual([
      {
        group: 'g',
        name: 'a',
        nodeName: 'a',
        endpoint: 'http://a',
        types: ['t'],
        subjectPrefixes: ['10.'],
        secretFile: '/secret',
      },
      {
        group: 'g',
        name: 'b',
        nodeName: 'b',
        endpoint: 'http://b',
        types: [],
        subjectPrefixes: [],
        secretFile: '/secret',
      },
    ]);
  });

  it('leaves out peers without a group and ourselves', () => {
    const resources = [group('g'), peer('a', { groupRef: 'other' }), peer('me', { nodeName: 'hub' })];
    expect(wantedPeers(resources)).toEqual([]);
  });

  it('reads no kind of another API', () => {
    const foreign = { ...peer('a'), apiVersion: 'example.org/v1' };
    expect(wantedPeers([group('g'), foreign])).toEqual([]);
  });
});
