import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';

let checkout: string;
beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'signalbox-bin-'));
  mkdirSync(join(checkout, 'bin'));
  copyFileSync('bin/signalbox', join(checkout, 'bin/signalbox'));
  chmodSync(join(checkout, 'bin/signalbox'), 0o755);
  writeFileSync(join(checkout, 'package.json'), '{"type":"module"}');
  symlinkSync(join(checkout, 'bin/signalbox'), join(checkout, 'link'));
});
afterEach(() => {
  rmSync(checkout, { recursive: true });
});

it.each(['bin/signalbox', 'link'])('%s says what to do before a build', (path) => {
  const { status, stderr } = spawnSync(join(checkout, path), ['status'], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: 'signalbox: not built yet\nnext: run npm run up (or npm run build) first\n',
  });
});

it.each(['bin/signalbox', 'link'])('%s runs what was built', (path) => {
  mkdirSync(join(checkout, 'dist/bundle'), { recursive: true });
  writeFileSync(join(checkout, 'dist/bundle/cli.js'), 'console.log(process.argv.slice(2).join());');
  const { stdout } = spawnSync(join(checkout, path), ['a', 'b'], { encoding: 'utf8' });
  expect(stdout).toBe('a,b\n');
});
