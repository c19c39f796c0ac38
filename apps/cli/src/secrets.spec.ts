import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Ended, runCommand } from './testing/run-command.fixture.js';

describe('signalbox secret create', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'signalbox-secret-'));
  });
  afterEach(() => {
    chmodSync(root, 0o700);
    rmSync(root, { recursive: true });
  });

  const create = (file: string): Promise<Ended> => runCommand(['secret', 'create', file], { cwd: root });

  it('X39 makes a file that only its owner can read, with 32 random bytes, and needs no other program', async () => {
    const file = join(root, 'secrets', 'edge.key');
    const out = `a new secret is in ${file}\n`;
    expect(await create('secrets/edge.key')).toEqual({ code: 0, out, err: '' });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toMatch(/^[0-9a-f]{64}\n$/);
    expect(readdirSync(join(root, 'secrets'))).toEqual(['edge.key']);
  });

  it('X39 leaves a secret alone that is there', async () => {
    writeFileSync(join(root, 'edge.key'), 'known to peers');
    const { code, err } = await create('edge.key');
    expect(code).toBe(1);
    expect(err).toMatch(
      /^signalbox: secret-not-made: \S+edge\.key was not made: it is there already\nnext: /,
    );
    expect(readFileSync(join(root, 'edge.key'), 'utf8')).toBe('known to peers');
    expect(readdirSync(root)).toEqual(['edge.key']);
  });

  it('X39 leaves no empty file where it cannot write', async () => {
    writeFileSync(join(root, 'secrets'), 'a file, not a directory');
    expect((await create('secrets/edge.key')).err).toMatch(/^signalbox: secret-not-made: /);
    expect(readdirSync(root)).toEqual(['secrets']);
  });
});
