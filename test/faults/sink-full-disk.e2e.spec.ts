import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sha256Hex } from '@signalbox/contracts';
import { SystemClock } from '@signalbox/runtime';
import { FileTarget } from '../../apps/sinks/src/file/file-target.js';
import { type SinkFault } from '../../apps/sinks/src/sink-target.js';
import { canMakeDisks, SmallDisk } from './small-disk.js';

const NEVER = new AbortController().signal;

(canMakeDisks() ? describe : describe.skip)('S15 a sink whose disk is full', () => {
  let disk: SmallDisk;

  beforeEach(() => {
    disk = SmallDisk.make(2);
  });
  afterEach(() => disk.remove());

  it('leaves the file as it is, says why, and writes the next one when there is room', async () => {
    const path = join(disk.dir, 'site.conf');
    const target = new FileTarget(
      'edge',
      { path },
      {
        stateDir: join(disk.dir, 'state'),
        settings: { dirs: [disk.dir], commandDirs: [] },
        searchPath: '/usr/bin:/bin',
        clock: new SystemClock(),
      },
    );
    const write = (text: string) =>
      target.apply(
        { generation: 1, resources: [], bytes: Buffer.from(text), digest: sha256Hex(text) },
        undefined,
        NEVER,
      );
    const known = await write('one\n');
    disk.fill();

    const large = 'x'.repeat(100_000);
    const fault = await write(large).then(
      () => undefined,
      (error: unknown) => error as SinkFault,
    );
    expect(fault).toMatchObject({ step: 'write', body: { code: 'sink-write' }, mayPass: true });
    expect(fault?.body.message).toMatch(/ENOSPC: the disk is full$/);
    expect(readFileSync(path, 'utf8')).toBe('one\n');
    expect(readdirSync(disk.dir).filter((name) => name.startsWith('.'))).toEqual([]);
    expect(await target.drift(known)).toBeUndefined();

    disk.resize(4);
    await write(large);
    expect(readFileSync(path, 'utf8')).toBe(large);
  });
});
