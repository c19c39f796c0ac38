import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { maxStoreOf, storeBound } from './nats-store.js';

describe('storeBound', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'signalbox-store-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('lies below the disk, with what is stored already', () => {
    writeFileSync(join(dir, 'one'), Buffer.alloc(1024 * 1024, 1));
    const { blocks, bsize } = statfsSync(dir);
    expect(storeBound(dir)).toBeGreaterThan(512 * 1024 - 1);
    expect(storeBound(dir)).toBeLessThan(blocks * bsize);
  });
});

describe('maxStoreOf', () => {
  it.each([
    [undefined, undefined],
    ['', undefined],
    ['1048576', 1_048_576],
  ])('reads %p as %p', (value, expected) => expect(maxStoreOf(value)).toBe(expected));

  it.each(['0', '-1', '1.5', '1GB'])('refuses %p', (value) =>
    expect(() => maxStoreOf(value)).toThrow('SIGNALBOX_NATS_MAX_STORE'),
  );
});
