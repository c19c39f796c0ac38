import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { findUser, readPasswd, type SystemUser, usersOf } from '@signalbox/runtime';

/** A user that plugins run as. */
export type PluginUser = SystemUser;

/** Made for it, for example by the image; else the user that owns nothing. */
const PREFERRED = ['signalbox-plugin', 'nobody'] as const;
const NOBODY: PluginUser = { name: 'nobody', uid: 65_534, gid: 65_534 };

/** Who we are and whom this system knows. */
export interface UserWorld {
  /** Undefined where a system has no such numbers. */
  readonly ourUid: number | undefined;
  /** Text of /etc/passwd. */
  readonly passwd: string;
  /** Whether a user gets to the plugin directories, and to the Node that runs us, which plugins of Node need. */
  readonly canRunPlugins: (user: PluginUser) => boolean;
}

/**
 * The user that plugins run as, undefined when that is ourselves. Only root can make a process another user's: there
 * the default is the user `signalbox-plugin`, else `nobody`, unless it could not run plugins, for example ones below /root.
 * Throws an Error when the user that is wanted is not known or cannot be had.
 */
export function choosePluginUser(wanted: string | undefined, world: UserWorld): PluginUser | undefined {
  const { ourUid, passwd, canRunPlugins } = world;
  if (wanted !== undefined) {
    const user = findUser(wanted, passwd);
    if (!user) throw new Error(`SIGNALBOX_PLUGIN_USER: there is no user ${wanted} on this machine`);
    if (user.uid === ourUid) return undefined;
    if (ourUid === 0) return user;
    throw new Error(`SIGNALBOX_PLUGIN_USER is ${wanted}, but only root can start plugins as another user`);
  }
  if (ourUid !== 0) return undefined;
  const known = usersOf(passwd);
  const [preferred = NOBODY] = PREFERRED.flatMap((name) => known.get(name) ?? []);
  return canRunPlugins(preferred) ? preferred : undefined;
}

/** {@link UserWorld} of this process. */
export function thisWorld(pluginDirs: readonly string[]): UserWorld {
  const needed = [
    process.execPath,
    ...pluginDirs.filter((path) => existsSync(path)).map((path) => `${path}/x`),
  ];
  const canRunPlugins = (user: PluginUser): boolean =>
    needed.every((path) => unreachable(path, user) === undefined);
  return { ourUid: process.getuid?.(), passwd: readPasswd(), canRunPlugins };
}

/** The first directory above an absolute path that a user cannot go through; undefined when there is none. */
export function unreachable(path: string, user: PluginUser): string | undefined {
  const above: string[] = [];
  for (let at = dirname(path); ; at = dirname(at)) {
    above.unshift(at);
    if (at === dirname(at)) break;
  }
  return above.find((directory) => !canSearch(directory, user));
}

function canSearch(directory: string, { uid, gid }: PluginUser): boolean {
  const stats = statSync(directory, { throwIfNoEntry: false });
  if (!stats || uid === 0) return stats !== undefined;
  const bit = stats.uid === uid ? 0o100 : stats.gid === gid ? 0o010 : 0o001;
  return (stats.mode & bit) !== 0;
}
