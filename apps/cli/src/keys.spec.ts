import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Ended, runCommand } from './testing/run-command.fixture.js';

describe('signalbox keys create', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'signalbox-keys-'));
    mkdirSync(join(root, 'deploy', 'nats'), { recursive: true });
    const users = 'authorization { users = [ { nkey: $API_KEY }, { nkey: $OPERATOR_KEY } ] }\n';
    writeFileSync(join(root, 'deploy', 'nats', 'users.conf'), users);
  });

  afterEach(() => rmSync(root, { recursive: true }));

  const create = (...flags: string[]): Promise<Ended> =>
    runCommand(['keys', 'create', ...flags], { cwd: root, checkoutDir: root });

  it('makes a directory for each user and says what NATS shall include', async () => {
    const dir = join(root, 'keys');
    const out = `keys are in ${dir}; NATS includes ${join(dir, 'nats', 'users.conf')}\n`;
    expect(await create('--dir', 'keys')).toEqual({ code: 0, out, err: '' });
    expect(readdirSync(dir).sort()).toEqual(['api', 'nats', 'operator']);
    expect((await create('--dir', 'keys', '--database-password')).code).toBe(0);
    expect(readdirSync(dir).sort()).toEqual(['api', 'nats', 'operator', 'postgres']);
  });

  it('says what to do when they cannot be made', async () => {
    writeFileSync(join(root, 'keys'), 'a file, not a directory');
    const { code, err } = await create('--dir', 'keys');
    expect(code).toBe(1);
    expect(err).toMatch(/^signalbox: keys-not-made: the keys in \S+ could not be made: .*\nnext: look at /);
  });

  it('wants to know where', async () => {
    const { code, err } = await create();
    expect([code, err]).toEqual([2, expect.stringContaining(`required option '--dir <directory>'`)]);
  });
});
