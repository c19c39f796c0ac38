import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CodedError } from '@signalbox/contracts';
import { optionalProgram } from '@signalbox/testing';
import { readSecrets } from './plugin-secrets.js';
import { readSecretFile } from './secret-file.js';

const MKFIFO = optionalProgram('mkfifo', 'the file of a secret that is a pipe');

let root: string;
let allowed: string;
beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-test-')));
  allowed = join(root, 'allowed');
  await mkdir(join(allowed, 'below'), { recursive: true });
  await mkdir(join(root, 'other'));
});
afterAll(() => rm(root, { recursive: true }));

const read = (file: string, directories = [allowed]): Promise<{ bytes: Buffer; file: string }> =>
  readSecretFile({ name: 'api-key', file }, directories, '/spec/secrets/0/file');

async function faultOf(file: string, directories?: string[]): Promise<CodedError> {
  const error: unknown = await read(file, directories).catch((thrown: unknown) => thrown);
  if (!(error instanceof CodedError)) throw new Error(`${file} was read`);
  return error;
}

describe('P17 the file of a secret', () => {
  test('is read byte for byte, up to 64 KiB', async () => {
    const bytes = Buffer.from([0, 0xff, 0x0a, 0x20]);
    await writeFile(join(allowed, 'binary'), bytes);
    expect((await read(join(allowed, 'binary'))).bytes).toEqual(bytes);
    await writeFile(join(allowed, 'largest'), 'k'.repeat(64 * 1024));
    expect((await read(join(allowed, 'largest'))).bytes).toHaveLength(64 * 1024);
  });

  test('may lie below an allowed directory, also one that is reached by symlinks', async () => {
    await writeFile(join(allowed, 'below', 'key'), 'value');
    await symlink(allowed, join(root, 'link'));
    await symlink(join(allowed, 'below'), join(allowed, 'current'));
    expect((await read(join(root, 'link', 'below', 'key'))).bytes.toString()).toBe('value');
    expect((await read(join(allowed, 'current', 'key'))).bytes.toString()).toBe('value');
    expect((await read(join(allowed, 'below', 'key'), [join(root, 'link')])).bytes.toString()).toBe('value');
  });

  test.each([
    ['missing', 'none', 'secret-missing', 'does not exist: put it there, or correct /spec/secrets/0/file'],
    ['in no directory', 'nowhere/none', 'secret-missing', 'does not exist'],
    ['empty', 'empty', 'secret-missing', 'is empty'],
    ['blank', 'blank', 'secret-missing', 'is empty'],
    ['too large', 'large', 'secret-refused', 'is larger than 65536 bytes'],
    ['a directory', 'below', 'secret-refused', 'is not a regular file'],
    ['a symlink', 'symlink', 'secret-refused', 'is a symlink'],
    ['outside', '../other/key', 'secret-refused', 'is not inside a directory of secrets'],
    ['outside by a symlink on the way', 'away/key', 'secret-refused', 'is not inside a directory of secrets'],
    ['outside and missing', '../other/none', 'secret-refused', 'is not inside a directory of secrets'],
  ])('that is %s is refused with the name, the file and the remedy', async (_, path, code, why) => {
    await writeFile(join(allowed, 'empty'), '');
    await writeFile(join(allowed, 'blank'), ' \n');
    await writeFile(join(allowed, 'large'), 'k'.repeat(64 * 1024 + 1));
    await writeFile(join(root, 'other', 'key'), 'value');
    await rm(join(allowed, 'symlink'), { force: true });
    await symlink(join(root, 'other', 'key'), join(allowed, 'symlink'));
    await rm(join(allowed, 'away'), { force: true });
    await symlink(join(root, 'other'), join(allowed, 'away'));
    const file = join(allowed, path);
    const { message, errors, ...error } = await faultOf(file);
    expect(error).toMatchObject({ code });
    expect(message).toMatch(`secret api-key: ${file} ${why}`);
    expect(errors).toEqual([{ pointer: '/spec/secrets/0/file', message: expect.stringContaining(why) }]);
  });

  (MKFIFO ? test : test.skip)('that is a pipe is refused and not waited for', async () => {
    execFileSync(MKFIFO!, [join(allowed, 'pipe')]);
    const { code, message } = await faultOf(join(allowed, 'pipe'));
    expect([code, message]).toEqual(['secret-refused', expect.stringContaining('is not a regular file')]);
  });

  test('is allowed nowhere without directories', async () => {
    await writeFile(join(allowed, 'key'), 'value');
    expect((await faultOf(join(allowed, 'key'), [])).message).toContain('none is configured');
  });
});

describe('secrets of a plugin', () => {
  const longAgo = new Date(Date.now() - 60_000);

  test('are told by the place in the spec of the first that cannot be had', async () => {
    await writeFile(join(allowed, 'key'), 'value');
    const list = ['key', 'gone'].map((name) => ({ name, file: join(allowed, name) }));
    await expect(readSecrets(list, [allowed])).rejects.toMatchObject({
      code: 'secret-missing',
      errors: [{ pointer: '/spec/secrets/1/file' }],
    });
  });

  test('have another identity when the content or the file is another, and not when only times are', async () => {
    const file = join(allowed, 'watched');
    const list = [{ name: 'watched', file }];
    const identities: string[] = [];
    const look = async (): Promise<void> => {
      identities.push((await readSecrets(list, [allowed])).identity);
    };
    await writeFile(file, 'value-1');
    await look();
    await utimes(file, longAgo, longAgo);
    await look();
    await writeFile(file, 'value-2');
    await look();
    await writeFile(`${file}.new`, 'value-2');
    await rename(`${file}.new`, file);
    await look();
    const [first, touched, changed, replaced] = identities;
    expect(touched).toBe(first);
    expect(changed).not.toBe(first);
    expect(replaced).not.toBe(changed);
    expect(identities.join()).not.toContain('value');
  });

  test('are given in the order of the spec', async () => {
    await writeFile(join(allowed, 'one'), '1\n');
    await writeFile(join(allowed, 'two'), '2\n');
    const list = ['two', 'one'].map((name) => ({ name, file: join(allowed, name) }));
    expect((await readSecrets(list, [allowed])).given).toEqual([
      { name: 'two', bytes: Buffer.from('2\n') },
      { name: 'one', bytes: Buffer.from('1\n') },
    ]);
  });
});
