import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { adoptedUntilMs, KERNEL_LATE_MS, lifetimeUntil, usableMs } from './lease-times.js';

describe('times of leases', () => {
  it('end for a leader with the slowest clock before they end for another node with the fastest', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4000, max: 600_000 }), (leaseMs) => {
        expect(usableMs(leaseMs) / 0.99).toBeLessThanOrEqual(leaseMs / 1.01 + 1e-6);
        expect(usableMs(leaseMs)).toBeGreaterThan(leaseMs * 0.97);
      }),
    );
  });

  it('give an address a lifetime that is over when the lease is, however late it is set and the kernel is', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 60_000, noNaN: true }), (leftMs) => {
        const lifetime = lifetimeUntil(1e6 + leftMs, 1e6);
        if (!lifetime) return expect(leftMs).toBeLessThan(2600);
        expect(lifetime.notAfterMs + lifetime.seconds * 1000 + KERNEL_LATE_MS).toBeLessThanOrEqual(
          1e6 + leftMs,
        );
        expect(lifetime.notAfterMs).toBeGreaterThan(1e6);
      }),
    );
  });

  it('take an address that was found for a sign of a lease that lasts no longer than it does', () => {
    const set = lifetimeUntil(20_000, 10_000)!;
    for (let sinceMs = 0; sinceMs < 10_000; sinceMs += 10) {
      const told = set.seconds - Math.floor(sinceMs / 1000);
      expect(adoptedUntilMs(told, set.notAfterMs + sinceMs)).toBeLessThanOrEqual(
        Math.max(20_000, set.notAfterMs + sinceMs),
      );
    }
  });
});
