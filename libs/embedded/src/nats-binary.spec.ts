import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { checkPinned, findNatsBinary, PINNED } from './nats-binary.js';

describe('findNatsBinary', () => {
  let dir: string;
  const program = (name: string, mode = 0o755): string => {
    const file = join(dir, name);
    writeFileSync(file, '', { mode });
    return file;
  };
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'signalbox-find-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('takes NATS_SERVER_BIN before all else', async () => {
    program('nats-server');
    const other = program('other-server');
    expect(await findNatsBinary({ env: { NATS_SERVER_BIN: other, PATH: dir } })).toBe(other);
  });

  it('refuses a NATS_SERVER_BIN that is no program instead of taking another', async () => {
    const env = { NATS_SERVER_BIN: program('text', 0o644), PATH: dir };
    await expect(findNatsBinary({ env })).rejects.toThrow('NATS_SERVER_BIN');
    await expect(findNatsBinary({ env: { NATS_SERVER_BIN: dir } })).rejects.toThrow('NATS_SERVER_BIN');
  });

  it('looks on PATH', async () => {
    const onPath = program('nats-server');
    expect(await findNatsBinary({ env: { PATH: `/nowhere:${dir}` }, systemDirs: [] })).toBe(onPath);
  });

  it('looks where packages install it', async () => {
    const installed = program('nats-server');
    expect(await findNatsBinary({ env: {}, systemDirs: ['/nowhere', dir] })).toBe(installed);
  });

  it('refuses a changed binary', () => {
    const file = program('nats-server');
    const empty = createHash('sha256').digest('hex');
    expect(() => checkPinned(file, empty)).not.toThrow();
    expect(() => checkPinned(file, empty.replace(/^./, '0'))).toThrow(`nats-server ${PINNED.version}`);
  });
});
