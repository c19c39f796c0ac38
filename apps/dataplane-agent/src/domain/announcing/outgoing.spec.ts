import { describe, expect, it } from '@jest/globals';
import type { NodeVip } from '@signalbox/contracts';
import type { Desired } from '../desired.js';
import { announcing, at, held, vip } from './given-vips.fixture.js';
import {
  heldOf,
  leavesAtMs,
  nextOutgoing,
  NOTHING_OUTGOING,
  type Outgoing,
  UNCONFIRMED_MS,
  withdrawn,
  withHeld,
} from './outgoing.js';

const [A, B] = ['192.0.2.10', '192.0.2.11'];
const T = 1_000_000;
const all = (): boolean => true;
const before = announcing(1, [vip(A)], [at(A)]);
const out: Outgoing = { wished: [vip(A)], leaving: [] };

function next(
  outgoing: Outgoing,
  after: Desired,
  ready: (one: NodeVip) => boolean = all,
  nowMs = T,
  was: Desired = before,
): Outgoing {
  return nextOutgoing(outgoing, was, after, ready, nowMs);
}

describe('nextOutgoing', () => {
  it('wishes what is ready', () => {
    const state = announcing(1, [vip(A), vip(B)], [at(A)]);
    const ready = ({ address }: NodeVip): boolean => address === A;
    expect(nextOutgoing(NOTHING_OUTGOING, undefined, state, ready, T)).toEqual(out);
  });

  it('keeps the listener of a VIP that left until that is withdrawn and drained', () => {
    const gone = next(out, announcing(2, [], []));
    expect(gone).toEqual({
      wished: [],
      leaving: [{ vip: vip(A), listeners: [held(at(A))], sinceMs: T }],
    });
    const empty = announcing(2, [], []);
    const told = withdrawn(gone, all, T + 10);
    expect(told.leaving[0]?.withdrawnMs).toBe(T + 10);
    expect(next(told, empty, all, T + 5009, empty)).toEqual(told);
    expect(next(told, empty, all, T + 5010, empty)).toEqual(NOTHING_OUTGOING);
  });

  it('keeps nothing that another listener took the place of, while the VIP stays', () => {
    const moved = next(out, announcing(2, [vip(A, ['new'])], [at(A, 'new')]));
    expect(moved).toEqual({ wished: [vip(A, ['new'])], leaving: [] });
    const fewer = announcing(2, [vip(A)], [at(A)]);
    const two = announcing(1, [vip(A, ['dns', 'web'])], [at(A, 'dns', 100, 53), at(A)]);
    expect(next({ wished: [vip(A, ['dns', 'web'])], leaving: [] }, fewer, all, T, two)).toEqual(out);
  });

  it('keeps no listener whose place another one has at a VIP that is not announced', () => {
    const state = announcing(2, [], [at(A, 'new')]);
    expect(heldOf(next(out, state))).toEqual([]);
    const beside = announcing(2, [], [at(A, 'new', 100, 81)]);
    expect(heldOf(next(out, beside))).toEqual([held(at(A))]);
  });

  it('lets a VIP come back while it leaves: nothing is held back any more', () => {
    const gone = next(out, announcing(2, [], []));
    expect(next(gone, announcing(3, [vip(A)], [at(A)]), all, T + 100)).toEqual(out);
  });

  it('counts the drain of a node, too, when a listener leaves in it', () => {
    const drained = withdrawn(
      next(out, before, () => false),
      all,
      T,
    );
    expect(heldOf(drained)).toEqual([]);
    const left = next(drained, announcing(2, [], []), all, T + 1000);
    expect(heldOf(left)).toEqual([held(at(A))]);
    expect(left.leaving.map(leavesAtMs)).toEqual([T + 5000]);
  });

  it('takes a VIP of another method for another one: the first leaves', () => {
    const other = vip(A, ['web'], { method: 'vrrp' });
    expect(next(out, announcing(2, [other], [at(A)]))).toEqual({
      wished: [other],
      leaving: [{ vip: vip(A), listeners: [], sinceMs: T }],
    });
  });

  it('waits for an announcer that does not answer for a minute, and then drains', () => {
    const empty = announcing(2, [], []);
    const gone = next(out, empty);
    expect(next(gone, empty, all, T + UNCONFIRMED_MS + 4999, empty)).toEqual(gone);
    expect(next(gone, empty, all, T + UNCONFIRMED_MS + 5000, empty)).toEqual(NOTHING_OUTGOING);
  });

  it('ends a drain after its time when the clock was set back', () => {
    const empty = announcing(2, [], []);
    const gone = withdrawn(next(out, empty), all, T);
    const back = next(gone, empty, all, 500, empty);
    expect(back.leaving.map(leavesAtMs)).toEqual([5500]);
  });

  it('takes the time of the drain from the newest state', () => {
    const shorter = announcing(2, [vip(A, ['web'], { drainMs: 100 })], [at(A)], { drained: true });
    expect(next(out, shorter, () => false).leaving[0]?.vip.drainMs).toBe(100);
  });
});

describe('withHeld', () => {
  it('adds what is held, and leaves a listener that moves where it is', () => {
    const moving = announcing(2, [vip(B)], [at(A, 'dns', 100, 53), at(B)]);
    const state = withHeld(moving, [held(at(A)), held(at(A, 'mail', 100, 25))]);
    expect(state.state.listeners).toEqual([at(A, 'dns', 100, 53), at(A, 'mail', 100, 25), at(A)]);
    expect(Object.keys(state.digests).sort()).toEqual(['dns', 'mail', 'web']);
    expect(state.digests['web']).toBe(held(at(A)).digest);
    expect(withHeld(moving, [])).toBe(moving);
  });
});
