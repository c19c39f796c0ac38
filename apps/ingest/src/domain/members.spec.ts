import { describe, expect, it } from '@jest/globals';
import type { EventGroupSpec, EventPeerSpec } from '@signalbox/contracts';
import { type NamedPeer, withMembers } from './members.js';

const aGroup = (members?: readonly string[]): EventGroupSpec =>
  ({ nodeName: 'edge-1', ...(members && { members }) }) as EventGroupSpec;

const aPeer = (groupRef: string, nodeName: string): NamedPeer => ({
  name: `to-${nodeName}`,
  spec: { groupRef, nodeName } as EventPeerSpec,
});

describe('the members of a group', () => {
  const peers = [aPeer('edge', 'edge-2'), aPeer('edge', 'edge-1'), aPeer('lab', 'lab-1')];

  it('are those that it names, and the nodes of its peers, each once', () => {
    expect(withMembers('edge', aGroup(['edge-1']), peers).members).toEqual(['edge-1', 'edge-2']);
  });

  it('are not restricted by peers when it names none', () => {
    for (const group of [aGroup(), aGroup([])]) expect(withMembers('edge', group, peers)).toBe(group);
  });
});
