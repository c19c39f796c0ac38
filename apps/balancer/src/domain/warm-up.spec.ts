import { describe, expect, it } from '@jest/globals';
import { NOON, SECOND } from './given.fixture.js';
import { aNode, aTarget } from './node.fixture.js';
import { BALANCE_API, nodesOf } from '@signalbox/contracts';
import { heldUntil } from './warm-up.js';

const KNOWN = [aTarget('10.0.0.1'), aTarget('10.0.0.2', { why: { rule: 'down', text: '' } })];
const UNKNOWN = [...KNOWN, aTarget('10.0.0.3', { why: { rule: 'unknown', text: '' } })];
const NODE = aNode('edge-1');
const OFF = aNode('edge-1', { driver: 'sim', startupMinDelay: '0s', startupMaxDelay: '0s' });

/** Seconds after the start until which it is held, so many seconds after the start. */
function held(targets: typeof KNOWN, seconds: number, node = NODE): number | undefined {
  const until = heldUntil(targets, { node, startedMs: NOON, nowMs: NOON + seconds * SECOND });
  return until === undefined ? undefined : (until - NOON) / SECOND;
}

describe('the warm-up of a listener that a node was never told of', () => {
  it.each([
    [0, 5, 5],
    [4.999, 5, 5],
    [5, undefined, 30],
    [29.999, undefined, 30],
    [30, undefined, undefined],
    [1000, undefined, undefined],
  ])('%d s after the start', (seconds, allKnown, oneUnknown) => {
    expect(held(KNOWN, seconds)).toBe(allKnown);
    expect(held(UNKNOWN, seconds)).toBe(oneUnknown);
  });

  it('is off with both delays 0', () => {
    expect(held(UNKNOWN, 0, OFF)).toBeUndefined();
  });

  it('ends when the clock is set back behind the start', () => {
    expect(held(UNKNOWN, -1)).toBeUndefined();
  });

  it('R8: of a node with VPP is as its VppDataPlane says, and ends with what records know', () => {
    const [, node] = nodesOf([], {
      ...{ apiVersion: BALANCE_API, kind: 'VppDataPlane', metadata: { name: 'default' } },
      spec: { ipv4SrcAddress: '192.0.2.254', ipv6SrcAddress: '2001:db8::fe' },
    });
    expect(node?.driver).toBe('vpp');
    expect([0, 4.999, 5, 29.999, 30].map((seconds) => held(KNOWN, seconds, node))).toEqual([
      ...[5, 5],
      ...[undefined, undefined, undefined],
    ]);
    expect([5, 29.999, 30].map((seconds) => held(UNKNOWN, seconds, node))).toEqual([30, 30, undefined]);
  });
});
