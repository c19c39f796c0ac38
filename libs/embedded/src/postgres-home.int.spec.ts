import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { choosePostgresHome, dataDirOf } from './postgres-home.js';

const asRoot = process.getuid?.() === 0;

describe('choosePostgresHome', () => {
  let stateDir: string;
  let lines: string[];
  const log = (line: string): number => lines.push(line);
  const farPlaces: string[] = [];
  beforeEach(() => {
    lines = [];
    stateDir = mkdtempSync(join(tmpdir(), 'signalbox-home-')); // mode 0700
  });
  afterEach(() => {
    for (const dir of [stateDir, ...farPlaces.splice(0)]) rmSync(dir, { recursive: true, force: true });
  });

  it('is <stateDir>/pg where its user can get', async () => {
    chmodSync(stateDir, 0o711);
    const home = await choosePostgresHome(stateDir, log);
    expect(home.dir).toBe(join(stateDir, 'pg'));
    expect(statSync(home.dir).uid).toBe(home.account?.uid ?? process.getuid?.());
    expect(lines).toEqual([]);
  });

  (asRoot ? describe : describe.skip)('for root, below a closed directory', () => {
    it('is in /var/tmp, says so, and stays there', async () => {
      const home = await choosePostgresHome(stateDir, log);
      farPlaces.push(dirname(home.dir));
      expect(home.dir).toMatch(/^\/var\/tmp\/signalbox-[0-9a-f]{12}\/pg$/);
      expect(lines).toEqual([expect.stringContaining(home.dir)]);
      expect(existsSync(join(stateDir, 'pg'))).toBe(false);

      mkdirSync(dataDirOf(home.dir));
      chmodSync(stateDir, 0o755);
      expect((await choosePostgresHome(stateDir, log)).dir).toBe(home.dir);
    });

    it('starts empty when the state directory was removed and made again', async () => {
      const before = await choosePostgresHome(stateDir, log);
      farPlaces.push(dirname(before.dir));
      mkdirSync(dataDirOf(before.dir));
      rmSync(stateDir, { recursive: true });
      mkdirSync(stateDir, { mode: 0o700 });
      const after = await choosePostgresHome(stateDir, log);
      farPlaces.push(dirname(after.dir));
      expect(after.dir).not.toBe(before.dir);
    });

    it('refuses to start empty when the data is where it cannot go', async () => {
      mkdirSync(dataDirOf(join(stateDir, 'pg')), { recursive: true });
      await expect(choosePostgresHome(stateDir, log)).rejects.toThrow('which has the data');
    });

    it('keeps the user of the data', async () => {
      chmodSync(stateDir, 0o711);
      mkdirSync(dataDirOf(join(stateDir, 'pg')), { recursive: true });
      chownSync(dataDirOf(join(stateDir, 'pg')), 4321, 4321);
      expect((await choosePostgresHome(stateDir, log)).account).toEqual({ uid: 4321, gid: 4321 });
    });
  });
});
