import type { LeaderLease } from '@signalbox/contracts';
import {
  acknowledge,
  adopt,
  beginReading,
  initialLease,
  type LeaseState,
  miss,
  readKey,
  sendWrite,
  type SentWrite,
} from './lease-state.js';

const LEASE_MS = 10_000;

function lease(count: number, more: Partial<LeaderLease> = {}): LeaderLease {
  return { node: 'n1', run: 'r1', rank: 0, leaseMs: LEASE_MS, count, ...more };
}

function write(kind: SentWrite['kind'], count: number, sentAtMs: number, expected: number): SentWrite {
  const isRelease = kind === 'release';
  return { kind, lease: lease(count, isRelease ? { released: true } : {}), expected, sentAtMs, reading: 1 };
}

/** Took the VIP at 1 s with its first message, as revision 1. */
function leader(): LeaseState {
  const terms = { node: 'n1', run: 'r1', rank: 0, preempt: false, leaseMs: LEASE_MS };
  const take = write('take', 0, 1000, 0);
  const sent = sendWrite(beginReading(initialLease(terms), 1, 0), take);
  return readKey(acknowledge(sent, take, 1), 1, take.lease, 1010);
}

describe('how the lease of a VIP stands', () => {
  it('a take counts once it is read', () => {
    expect(leader()).toMatchObject({ isOwn: true, inFlight: undefined, unsure: [] });
    expect(leader().heldUntilMs).toBeGreaterThan(1000 + LEASE_MS * 0.9);
  });

  it('a renewal of which nobody heard counts when it is read, as of when it was sent', () => {
    const renewal = write('renew', 1, 3000, 1);
    const unsure = miss(sendWrite(leader(), renewal), renewal, 'unknown');
    expect(unsure.unsure).toEqual([renewal]);
    const read = readKey(unsure, 2, renewal.lease, 6000);
    expect(read.heldUntilMs! - leader().heldUntilMs!).toBe(2000);
    expect(read.unsure).toEqual([]);
  });

  it('a renewal of which nobody heard gives nothing back once the VIP was given away', () => {
    const renewal = write('renew', 1, 3000, 1);
    const unsure = miss(sendWrite(leader(), renewal), renewal, 'unknown');
    const released = sendWrite(unsure, write('release', 2, 4000, 1));
    expect(released.heldUntilMs).toBeUndefined();
    expect(readKey(released, 2, renewal.lease, 4010).heldUntilMs).toBeUndefined();
  });

  it('another process of the same node that writes the key takes the VIP from who wrote it before', () => {
    const taken = readKey(leader(), 2, lease(0, { run: 'r2' }), 3000);
    expect(taken).toMatchObject({ isOwn: false, heldUntilMs: undefined });
  });

  it('a process that finds the lease of the one before it goes on with the address that is there', () => {
    const terms = { node: 'n1', run: 'r2', rank: 0, preempt: false, leaseMs: LEASE_MS };
    const adopted = adopt(beginReading(initialLease(terms), 1, 0), 4000);
    expect(readKey(adopted, 7, lease(3), 10).heldUntilMs).toBe(4000);
    expect(readKey(adopted, 7, lease(3, { node: 'n2', run: 'r9' }), 10).heldUntilMs).toBeUndefined();
  });
});
