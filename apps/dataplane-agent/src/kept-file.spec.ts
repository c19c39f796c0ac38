import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createLog } from '@signalbox/runtime';
import { desired, given } from './domain/given-node.fixture.js';
import { KeptFile } from './kept-file.js';

const log = createLog('silent');
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'signalbox-kept-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const file = (): string => join(dir, 'dataplane-agent', 'local.json');
const open = (node = 'local'): Promise<KeptFile> => KeptFile.open(dir, node, log);

describe('KeptFile', () => {
  it('remembers nothing at first, and then what was kept, for each node on its own', async () => {
    const kept = await open();
    expect(kept.memory).toEqual({ ports: {} });
    kept.memory.desired = desired(3, given('7', [1, 100]), given('web', [1, 100]));
    kept.memory.ports = { web: 4000, '7': 4001 };
    kept.keep();
    await kept.settle();
    expect((await open()).memory).toEqual(kept.memory);
    expect((await open('edge/2')).memory).toEqual({ ports: {} });
    expect(readdirSync(join(dir, 'dataplane-agent'))).toEqual(['local.json']);
  });

  it('writes what changed while it was writing', async () => {
    const kept = await open();
    for (let port = 1; port <= 20; port += 1) {
      kept.memory.ports = { web: port };
      kept.keep();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await kept.settle();
    expect((await open()).memory.ports).toEqual({ web: 20 });
  });

  it.each(['', '{', '{"format":1,"sha256":"0","kept":{"ports":{}}}', '{"format":2}', 'null'])(
    'puts %s aside and begins anew',
    async (text) => {
      await open();
      writeFileSync(file(), text);
      expect((await open()).memory).toEqual({ ports: {} });
      expect(readFileSync(`${file()}.broken`, 'utf8')).toBe(text);
    },
  );

  it('goes on when it cannot write, and writes what it has when it can', async () => {
    const kept = await open();
    rmSync(join(dir, 'dataplane-agent'), { recursive: true });
    kept.memory.ports = { web: 2 };
    kept.keep();
    await kept.settle();
    mkdirSync(join(dir, 'dataplane-agent'));
    await kept.settle();
    expect((await open()).memory).toEqual({ ports: { web: 2 } });
  });
});
