import { isAbsolute, resolve } from 'node:path';

/** A user, and its group, by numbers. */
export interface CommandUser {
  readonly uid: number;
  readonly gid: number;
}

/** What the service `sinks` reads from its environment. ADR 0030. */
export interface SinkSettings {
  /** Directories that files of sinks stand below. */
  readonly dirs: readonly string[];
  /** Directories that programs of sinks are started from. */
  readonly commandDirs: readonly string[];
  /** As whom programs run; absent: as the service. */
  readonly commandUser?: CommandUser;
}

const DIRS = 'SIGNALBOX_SINK_DIRS';
const COMMAND_DIRS = 'SIGNALBOX_SINK_COMMAND_DIRS';
const COMMAND_USER = 'SIGNALBOX_SINK_COMMAND_USER';

/**
 * Reads `SIGNALBOX_SINK_*`: lists of absolute paths with colons between, by default `sinks` and `sink-commands` in the state
 * directory, and a user as `uid` or `uid:gid`. Every mistake names the variable and the form expected.
 */
export function readSinkSettings(
  env: NodeJS.ProcessEnv,
  stateDir: string,
  mistake: (text: string) => void,
): SinkSettings {
  const list = (name: string, standard: string): string[] => {
    const paths = (env[name] || resolve(stateDir, standard)).split(':').filter(Boolean);
    for (const path of paths)
      if (!isAbsolute(path))
        mistake(`${name} must be absolute paths with colons between, and "${path}" is none`);
    return paths;
  };
  const dirs = list(DIRS, 'sinks');
  const commandDirs = list(COMMAND_DIRS, 'sink-commands');
  const commandUser = readUser(env[COMMAND_USER], mistake);
  return { dirs, commandDirs, ...(commandUser && { commandUser }) };
}

function readUser(text: string | undefined, mistake: (text: string) => void): CommandUser | undefined {
  if (!text) return undefined;
  const [, uid, gid] = /^(\d{1,9})(?::(\d{1,9}))?$/.exec(text) ?? [];
  if (uid === undefined) {
    mistake(`${COMMAND_USER} must be the number of a user, or user:group, not "${text}"`);
    return undefined;
  }
  return { uid: Number(uid), gid: Number(gid ?? uid) };
}
