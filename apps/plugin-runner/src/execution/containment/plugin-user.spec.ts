import { chmod, mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { choosePluginUser, unreachable, type UserWorld } from './plugin-user.js';

const PASSWD =
  'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65533::/:/bin/false\nbroken\napp:x:1000:1000::/:/bin/sh\n';
const root: UserWorld = { ourUid: 0, passwd: PASSWD, canRunPlugins: () => true };

describe('P17 the user that plugins run as', () => {
  it('of root is the one that was made for it, else nobody', () => {
    expect(choosePluginUser(undefined, root)).toEqual({ name: 'nobody', uid: 65534, gid: 65533 });
    const passwd = `${PASSWD}signalbox-plugin:x:990:991::/:/bin/false\n`;
    expect(choosePluginUser(undefined, { ...root, passwd })).toEqual({
      name: 'signalbox-plugin',
      uid: 990,
      gid: 991,
    });
    expect(choosePluginUser(undefined, { ...root, passwd: '' })).toEqual({
      name: 'nobody',
      uid: 65534,
      gid: 65534,
    });
  });

  it('is root itself where the other could not run them, and root was not told otherwise', () => {
    const world = { ...root, canRunPlugins: () => false };
    expect(choosePluginUser(undefined, world)).toBeUndefined();
    expect(choosePluginUser('app', world)).toEqual({ name: 'app', uid: 1000, gid: 1000 });
    expect(choosePluginUser('0', world)).toBeUndefined();
  });

  it('of anybody else is himself', () => {
    const world = { ...root, ourUid: 1000 };
    expect(choosePluginUser(undefined, world)).toBeUndefined();
    expect(choosePluginUser('app', world)).toBeUndefined();
    expect(() => choosePluginUser('nobody', world)).toThrow('only root can start plugins as another user');
  });

  it('is a name of this machine or numbers', () => {
    expect(choosePluginUser('7', root)).toEqual({ name: '7', uid: 7, gid: 7 });
    expect(choosePluginUser('7:8', root)).toEqual({ name: '7:8', uid: 7, gid: 8 });
    expect(() => choosePluginUser('who', root)).toThrow('there is no user who on this machine');
  });
});

it('P17 the directory that a user cannot go through is named, the uppermost first', async () => {
  const top = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-user-')));
  await mkdir(join(top, 'a'), { mode: 0o755 });
  const user = { name: 'other', uid: 4_000_000, gid: 4_000_000 };
  expect(unreachable(join(top, 'a', 'file'), user)).toBe(top);
  await chmod(top, 0o711);
  expect(unreachable(join(top, 'a', 'file'), user)).toBeUndefined();
  await rm(top, { recursive: true });
});
