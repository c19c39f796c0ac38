import { expect, test } from '@jest/globals';
import { sha256Hex } from '@signalbox/contracts';
import { CapturedStdout, StderrTail } from './captured-output.js';
import { PROCESS_LIMITS } from './limits.js';

test('stdout may be exactly as large as the limit', () => {
  const stdout = new CapturedStdout();
  expect(stdout.take(Buffer.alloc(PROCESS_LIMITS.stdoutBytes, 'a'))).toBe(true);
  expect(stdout.take(Buffer.from('b'))).toBe(false);
  const read = stdout.read();
  expect(read.stdout).toHaveLength(PROCESS_LIMITS.stdoutBytes);
  expect(read.stdoutDigest).toBe(sha256Hex(read.stdout));
});

test('a character that comes in two pieces stays whole', () => {
  const stdout = new CapturedStdout();
  const euro = Buffer.from('€');
  stdout.take(euro.subarray(0, 1));
  stdout.take(euro.subarray(1));
  expect(stdout.read().stdout).toEqual(euro);
});

test('of stderr the end is kept, in whole characters', () => {
  const stderr = new StderrTail();
  for (let line = 0; line < 1000; line += 1) stderr.take(Buffer.from(`${line} €€€\n`));
  const text = stderr.text();
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(PROCESS_LIMITS.stderrTailBytes);
  expect(text.endsWith('999 €€€\n')).toBe(true);
  expect(text).not.toContain('\uFFFD');
});

test('what cannot be stored is replaced and stays within the bound', () => {
  const stderr = new StderrTail();
  stderr.take(Buffer.alloc(PROCESS_LIMITS.stderrTailBytes, 0));
  const text = stderr.text();
  expect(text).not.toContain('\0');
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(PROCESS_LIMITS.stderrTailBytes);
});

test('stderr beyond its limit is told', () => {
  const stderr = new StderrTail();
  expect(stderr.take(Buffer.alloc(PROCESS_LIMITS.stderrBytes))).toBe(true);
  expect(stderr.take(Buffer.alloc(1))).toBe(false);
});
