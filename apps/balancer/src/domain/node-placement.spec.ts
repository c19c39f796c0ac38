import { expect, it } from '@jest/globals';
import type { NodeSpec } from '@signalbox/contracts';
import { placementOf } from './node-placement.js';
import { aModel, aNode } from './node.fixture.js';

const named = (name: string, ...listeners: string[]) => {
  const spec: NodeSpec = { driver: 'sim', listeners };
  return aNode(name, spec);
};

it('a listener is on every node that names none or this one', () => {
  const nodes = [named('edge-1', 'web'), named('edge-2', 'shop'), aNode('edge-3')];
  expect(placementOf(aModel('web'), nodes)).toEqual({ nodes: ['edge-1', 'edge-3'] });
  expect(placementOf(aModel('lab/web'), nodes)).toEqual({ nodes: ['edge-3'] });
});

it('a listener of a group is on nodes of it, that name none or this one', () => {
  const inGroup = (name: string, spec: Partial<NodeSpec> = {}) =>
    aNode(name, { driver: 'sim', groups: ['north', 'big'], ...spec });
  const nodes = [aNode('a'), inGroup('b', { groups: ['south'] }), inGroup('c', { listeners: ['shop'] })];
  const web = aModel('web', { nodeGroup: 'north' });
  expect(placementOf(web, [...nodes, inGroup('d')])).toEqual({ nodes: ['d'] });
  expect(placementOf(web, nodes)).toEqual({
    nodes: [],
    unplaced: 'no node serves it: Node/c names other listeners',
  });
  expect(placementOf(aModel('web', { nodeGroup: 'west' }), nodes)).toEqual({
    nodes: [],
    unplaced: 'no node serves it: no Node is in the group west',
  });
});

it.each([
  [['edge-1'], 'no node serves it: Node/edge-1 names other listeners'],
  [['edge-1', 'edge-2'], 'no node serves it: Node/edge-1, Node/edge-2 name other listeners'],
  [['a', 'b', 'c', 'd', 'e'], 'no node serves it: Node/a, Node/b, Node/c and 2 more name other listeners'],
])('a listener that none of %j names is unplaced, with the reason', (names, unplaced) => {
  const nodes = names.map((name) => named(name, 'shop'));
  expect(placementOf(aModel('web'), nodes)).toEqual({ nodes: [], unplaced });
});

it('all ports of a VIP are on nodes with the driver vpp alone (reference maglev 2.7)', () => {
  const { protocol: _, ...all } = aModel('web', { port: 0 });
  const nodes = [aNode('edge-1'), aNode('edge-2', { driver: 'vpp' })];
  expect(placementOf(all, nodes)).toEqual({ nodes: ['edge-2'] });
  expect(placementOf(all, [aNode('edge-1')])).toEqual({
    nodes: [],
    unplaced: 'it is for all ports of 192.0.2.1: only a node with the driver vpp can serve it',
  });
});

it('what no node can serve is unplaced for that', () => {
  expect(placementOf(aModel('web', { enabled: false }), [aNode('edge-1')])).toEqual({
    nodes: [],
    unplaced: 'it is not enabled',
  });
});
