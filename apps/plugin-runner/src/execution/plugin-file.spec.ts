import { chmod, chown, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { CodedError, sha256Hex, type PluginSpec } from '@signalbox/contracts';
import { openTrustedPlugin } from './plugin-file.js';

const SCRIPT = '#!/bin/sh\ncat\n';
const OUR_UID = process.getuid?.() ?? 0;
let root: string;
let plugins: string;
let file: string;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-test-')));
  plugins = join(root, 'plugins');
  file = join(plugins, 'mine', 'plugin');
  await mkdir(join(plugins, 'mine'), { recursive: true, mode: 0o755 });
  await writeFile(file, SCRIPT);
  await chmod(file, 0o755);
});
afterEach(() => rm(root, { recursive: true }));

async function refusal(spec: PluginSpec, dirs = [plugins], uid?: number): Promise<CodedError> {
  try {
    await openTrustedPlugin(spec, dirs, uid);
  } catch (error) {
    if (error instanceof CodedError) return error;
    throw error;
  }
  throw new Error('trusted');
}

test('a plugin in order is trusted, with its digest', async () => {
  const sha256 = sha256Hex(SCRIPT);
  expect(await openTrustedPlugin({ executable: file }, ['/nowhere', plugins])).toEqual({
    path: file,
    sha256,
    directory: plugins,
  });
  expect(await openTrustedPlugin({ executable: file, sha256: sha256.toUpperCase() }, [plugins])).toEqual({
    path: file,
    sha256,
    directory: plugins,
  });
});

test('a plugin directory may itself be a symlink, and so may the plugin inside it', async () => {
  await symlink(plugins, join(root, 'current'));
  await symlink(file, join(plugins, 'short'));
  const spec = { executable: join(root, 'current', 'short') };
  expect((await openTrustedPlugin(spec, [join(root, 'current')])).path).toBe(file);
});

describe('P17 refused', () => {
  test('a relative path', async () => {
    expect(await refusal({ executable: 'plugin' })).toMatchObject({
      code: 'plugin-untrusted',
      message: expect.stringContaining('absolute path'),
    });
  });

  test('a file outside the plugin directories', async () => {
    await mkdir(join(root, 'plugins-old'));
    const other = join(root, 'plugins-old', 'plugin');
    await writeFile(other, SCRIPT, { mode: 0o755 });
    expect((await refusal({ executable: other })).message).toContain('is not inside a plugin directory');
    expect((await refusal({ executable: file }, [])).message).toContain('none is configured');
  });

  test('a path that climbs out', async () => {
    await writeFile(join(root, 'plugin'), SCRIPT, { mode: 0o755 });
    expect((await refusal({ executable: `${plugins}/../plugin` })).code).toBe('plugin-untrusted');
  });

  test('a symlink that leads out', async () => {
    const outside = join(root, 'plugin');
    await writeFile(outside, SCRIPT, { mode: 0o755 });
    await symlink(outside, join(plugins, 'link'));
    const error = await refusal({ executable: join(plugins, 'link') });
    expect(error.code).toBe('plugin-untrusted');
    expect(error.message).toContain(`in truth ${outside}`);
  });

  test.each([
    ['the file, by its group', () => file, 0o775],
    ['the file, by anyone', () => file, 0o757],
    ['its directory', () => join(plugins, 'mine'), 0o775],
    ['the plugin directory', () => plugins, 0o777],
  ])('%s can be written by others', async (_, path, mode) => {
    await chmod(path(), mode);
    const error = await refusal({ executable: file });
    expect(error.code).toBe('plugin-untrusted');
    expect(error.message).toContain(`chmod go-w ${path()}`);
  });

  test('what is above the plugin directory is not asked', async () => {
    await chmod(root, 0o777);
    expect((await openTrustedPlugin({ executable: file }, [plugins])).path).toBe(file);
  });

  test.each([
    ['the file', () => file],
    ['its directory', () => join(plugins, 'mine')],
  ])('%s belongs to somebody else', async (_, path) => {
    // Only root can give a file away; for anyone else the service plays the stranger.
    const uid = OUR_UID === 0 ? 0 : OUR_UID + 1;
    if (OUR_UID === 0) await chown(path(), 12_345, 0);
    const error = await refusal({ executable: file }, [plugins], uid);
    expect(error.code).toBe('plugin-untrusted');
    expect(error.message).toContain('chown root');
  });

  test('another sha256 than declared', async () => {
    const error = await refusal({ executable: file, sha256: 'a'.repeat(64) });
    expect(error.code).toBe('plugin-untrusted');
    expect(error.message).toContain(sha256Hex(SCRIPT));
  });

  test('a file that is not executable', async () => {
    await chmod(file, 0o644);
    expect((await refusal({ executable: file })).message).toContain(`chmod u+x ${file}`);
  });

  test('a directory', async () => {
    expect((await refusal({ executable: join(plugins, 'mine') })).message).toContain('not a regular file');
  });
});

test('a file that is not there can be installed later: plugin-start-failed', async () => {
  expect((await refusal({ executable: join(plugins, 'gone') })).code).toBe('plugin-start-failed');
});
