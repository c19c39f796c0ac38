import { describe, expect, it } from '@jest/globals';
import { connectionsFor, openFilesLimit } from './open-files.js';

describe('connections that fit into open files', () => {
  it.each([
    [20_000, 0, 9_900],
    [20_000, 1_000, 8_900],
    [1_024, 1, 411],
    [64, 1, 1],
    [2 ** 30, 1, 100_000],
    [Infinity, 1, 100_000],
  ])('%d files and %d listeners: %d', (files, listeners, connections) =>
    expect(connectionsFor(files, listeners)).toBe(connections),
  );

  (process.platform === 'linux' ? it : it.skip)('the limit of this process is known', () => {
    expect(openFilesLimit()).toBeGreaterThan(0);
  });
});
