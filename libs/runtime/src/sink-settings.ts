import { isAbsolute, resolve } from 'node:path';
import { USER_TEXT } from './system-users.js';

/** What the service `sinks` reads from its environment. ADR 0030. */
export interface SinkSettings {
  /** Directories that files of sinks stand below. */
  readonly dirs: readonly string[];
  /** Directories that programs of sinks are started from. */
  readonly commandDirs: readonly string[];
  /** As whom programs run, `name` or `uid[:gid]`; absent: as the service. */
  readonly commandUser?: string;
}

const DIRS = 'SIGNALBOX_SINK_DIRS';
const COMMAND_DIRS = 'SIGNALBOX_SINK_COMMAND_DIRS';
const COMMAND_USER = 'SIGNALBOX_SINK_COMMAND_USER';

/**
 * Reads `SIGNALBOX_SINK_*`: lists of absolute paths with colons between, by default `sinks` and `sink-commands` in the state
 * directory, and a user as `name` or `uid[:gid]`, which `sinks` looks up. Every mistake names the variable and the form expected.
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
  const commandUser = env[COMMAND_USER] || undefined;
  if (commandUser !== undefined && !USER_TEXT.test(commandUser))
    mistake(`${COMMAND_USER} must be a user name or uid:gid, not "${commandUser}"`);
  return { dirs, commandDirs, ...(commandUser !== undefined && { commandUser }) };
}
