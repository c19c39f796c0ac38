import type { SandboxMode } from '@signalbox/contracts';
import type { PluginSettings } from '@signalbox/runtime';
import { findControlGroups } from './control-groups.js';
import { choosePluginUser, thisWorld, type PluginUser } from './plugin-user.js';
import { findSandbox, type Sandbox } from './sandbox.js';

/** What this machine has to contain plugins with, found out once at the start. */
export interface Containment {
  /** What the site asks for. */
  readonly mode: SandboxMode;
  /** Absent: there is none, for the reason in `fault`. */
  readonly sandbox?: Sandbox;
  readonly fault?: string;
  /** Whom plugins run as; absent: as we do. */
  readonly user?: PluginUser;
  /** Directory below which a run without a sandbox gets a control group; absent: its processes carry a mark instead. */
  readonly controlGroups?: string;
}

/** Injection token of the {@link Containment} of this process. */
export const CONTAINMENT = Symbol('Containment');

/** Nothing but limits, a process group and a clean environment. */
export const UNCONTAINED: Containment = { mode: 'off', fault: 'it was not looked for' };

/** What is found out with. */
export interface ContainmentWish {
  readonly settings: PluginSettings;
  readonly searchPath: string;
  readonly pluginDirs: readonly string[];
  /** Directories of the site that no plugin may see. */
  readonly hidden: readonly string[];
}

/** Tries everything once. Throws an Error when the user that is set cannot be had; `mode: required` is told per run. */
export async function findContainment(wish: ContainmentWish): Promise<Containment> {
  const { settings, searchPath, pluginDirs, hidden } = wish;
  const user = choosePluginUser(settings.user, thisWorld(pluginDirs));
  const { sandbox: mode, sandboxPaths } = settings;
  const found = findSandbox({ searchPath, sandboxPaths, hidden, user });
  const controlGroups = await findControlGroups(user);
  return {
    mode,
    ...(typeof found === 'string' ? { fault: found } : { sandbox: found }),
    ...(user && { user }),
    ...(controlGroups !== undefined && { controlGroups }),
  };
}
