import { describe, expect, it } from '@jest/globals';
import { descriptorLimit, descriptorsForProbes, descriptorsOf } from './descriptors.js';

describe('X31 the descriptors of probes', () => {
  it.each([
    [64, 32],
    [256, 128],
    [512, 256],
    [1024, 768],
    [4096, 3072],
    [20_000, 8192],
    [Number.POSITIVE_INFINITY, 8192],
    [1, 1],
  ])('under a limit of %d are %d: room is left for whatever else is in the process', (limit, most) => {
    expect(descriptorsForProbes(limit)).toBe(most);
  });

  it('are counted by what a probe holds', () => {
    expect([descriptorsOf('http'), descriptorsOf('dns'), descriptorsOf('icmp')]).toEqual([1, 2, 4]);
  });

  it('have a limit that can be read', () => {
    expect(descriptorLimit()).toBeGreaterThanOrEqual(64);
  });
});
