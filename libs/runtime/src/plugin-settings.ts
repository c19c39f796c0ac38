import { resolve } from 'node:path';
import { SANDBOX_MODES, type SandboxMode } from '@signalbox/contracts';
import { USER_TEXT } from './system-users.js';

/** How this site contains the plugins that it runs. */
export interface PluginSettings {
  /** The least that holds for every plugin; one that asks for more gets more. */
  readonly sandbox: SandboxMode;
  /** Directories that a plugin in the sandbox may read beside those of the system, of PATH and its own. Absolute. */
  readonly sandboxPaths: readonly string[];
  /** User that plugins run as, `name` or `uid[:gid]`. Absent: when we are root one without rights, else ourselves. */
  readonly user?: string;
}

/** Reads SIGNALBOX_SANDBOX, SIGNALBOX_SANDBOX_PATHS and SIGNALBOX_PLUGIN_USER; each mistake is told. */
export function readPluginSettings(env: NodeJS.ProcessEnv, mistake: (text: string) => void): PluginSettings {
  const wanted = env['SIGNALBOX_SANDBOX'] || 'auto';
  const sandbox = SANDBOX_MODES.find((mode) => mode === wanted);
  if (!sandbox) mistake(`SIGNALBOX_SANDBOX must be one of ${SANDBOX_MODES.join(', ')}, not "${wanted}"`);
  const user = env['SIGNALBOX_PLUGIN_USER'] || undefined;
  if (user !== undefined && !USER_TEXT.test(user))
    mistake(`SIGNALBOX_PLUGIN_USER must be a user name or uid:gid, not "${user}"`);
  const sandboxPaths = (env['SIGNALBOX_SANDBOX_PATHS'] ?? '').split(':').filter(Boolean);
  for (const path of sandboxPaths)
    if (!path.startsWith('/') || resolve(path) === '/')
      mistake(`SIGNALBOX_SANDBOX_PATHS must name absolute directories and not /, not "${path}"`);
  return {
    sandbox: sandbox ?? 'auto',
    sandboxPaths: sandboxPaths.map((path) => resolve(path)),
    ...(user !== undefined && { user }),
  };
}
