import {
  appendFile,
  chmod,
  mkdir,
  mkdtemp,
  realpath,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { trustSeal } from './trust-seal.js';

const OUR_UID = process.getuid?.();
const LATER = Date.now() + 3_600_000;
let root: string;
let plugins: string;
let file: string;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-test-')));
  plugins = join(root, 'plugins');
  file = join(plugins, 'mine', 'plugin');
  await mkdir(join(plugins, 'mine'), { recursive: true, mode: 0o755 });
  await writeFile(file, 'one', { mode: 0o755 });
});
afterEach(() => rm(root, { recursive: true }));

const seal = (executable = file, dirs = [plugins]): string | undefined =>
  trustSeal(executable, file, dirs, OUR_UID, LATER);

test('stays the same while nothing changes, also when a plugin directory is not there', () => {
  expect(seal()).toBeDefined();
  expect(seal()).toBe(seal());
  expect(seal(file, ['/nowhere', plugins])).toBeDefined();
  expect(seal(file, ['/nowhere', plugins])).toBe(seal(file, ['/nowhere', plugins]));
});

describe('changes with', () => {
  test.each<[string, () => Promise<unknown>]>([
    ['what the file holds', () => appendFile(file, ' two')],
    ['the mode of the file', () => chmod(file, 0o777)],
    ['the mode of its directory', () => chmod(join(plugins, 'mine'), 0o777)],
    ['the mode of the plugin directory', () => chmod(plugins, 0o777)],
    [
      'where a directory on the way leads',
      async () => {
        await rename(join(plugins, 'mine'), join(root, 'elsewhere'));
        await symlink(join(root, 'elsewhere'), join(plugins, 'mine'));
      },
    ],
    [
      'where the plugin directory leads',
      async () => {
        await rename(plugins, join(root, 'plugins-2'));
        await mkdir(join(plugins, 'mine'), { recursive: true });
        await writeFile(file, 'one', { mode: 0o755 });
      },
    ],
    ['the file being away', () => rm(file)],
  ])('%s', async (_, change) => {
    const before = seal();
    await change();
    expect(seal()).not.toBe(before);
  });
});

test('changes when a symlink that names the plugin is set to another file', async () => {
  const link = join(root, 'link');
  await symlink(file, link);
  const before = seal(link);
  expect(before).toBeDefined();
  await writeFile(join(plugins, 'other'), 'one', { mode: 0o755 });
  await rm(link);
  await symlink(join(plugins, 'other'), link);
  expect(seal(link)).not.toBe(before);
});

test('there is none for a file changed just now, outside, away, or of a stranger', () => {
  expect(trustSeal(file, file, [plugins], OUR_UID, Date.now())).toBeUndefined();
  expect(seal(file, [])).toBeUndefined();
  expect(trustSeal(file, join(plugins, 'gone'), [plugins], OUR_UID, LATER)).toBeUndefined();
  expect(seal(join(plugins, 'gone'))).toBeUndefined();
  expect(seal(join(file, 'below'))).toBeUndefined();
  const other = trustSeal(file, file, [plugins], (OUR_UID ?? 0) + 1, LATER);
  expect(other === undefined).toBe(OUR_UID !== 0);
});
