import { appendFile, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { sha256Hex } from '@signalbox/contracts';
import { fileDigest } from './file-digest.js';

const LONG_AFTER = Date.now() + 3_600_000;
let directory: string;
let path: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
  path = join(directory, 'plugin');
  await writeFile(path, 'one');
});
afterEach(() => rm(directory, { recursive: true }));

async function digest(nowMs: number): Promise<{ digest: string; reads: number }> {
  const file = await open(path);
  const read = jest.spyOn(file, 'createReadStream');
  try {
    return { digest: await fileDigest(file, nowMs), reads: read.mock.calls.length };
  } finally {
    await file.close();
  }
}

test('an unchanged file is read once', async () => {
  expect(await digest(LONG_AFTER)).toEqual({ digest: sha256Hex('one'), reads: 1 });
  expect(await digest(LONG_AFTER)).toEqual({ digest: sha256Hex('one'), reads: 0 });
});

test('a changed file is read again', async () => {
  await digest(LONG_AFTER);
  await appendFile(path, ' two');
  expect(await digest(LONG_AFTER)).toEqual({ digest: sha256Hex('one two'), reads: 1 });
});

test('a file that changed just now is not remembered', async () => {
  await digest(Date.now());
  expect((await digest(Date.now())).reads).toBe(1);
});
