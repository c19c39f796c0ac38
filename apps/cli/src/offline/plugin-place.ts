import { dirname, resolve } from 'node:path';
import type { Resource } from '@signalbox/contracts';
import { readPluginSettings } from '@signalbox/runtime';
import { findContainment } from '../../../plugin-runner/src/execution/containment/containment.js';
import type { Session } from '../session.js';
import type { PluginPlace } from './offline-site.js';

/** PATH of plugins where the environment has none, as services have it. */
const SEARCH_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Where plugins may stand when they run without a site: the directories that are given, else that of the context, else
 * those that the plugins are in, since whoever calls the command runs them; who also reads their secrets, wherever these are. They are contained as a site with the same
 * environment contains them. Throws an Error for settings that cannot be.
 */
export async function pluginPlace(
  session: Session,
  given: readonly string[] | undefined,
  executables: readonly string[],
): Promise<PluginPlace> {
  const { cwd, env } = session.terminal;
  const ofContext = session.findSite()?.pluginDir;
  const own = executables.map((path) => dirname(resolve(cwd, path)));
  const dirs =
    given?.map((dir) => resolve(cwd, dir)) ?? (ofContext === undefined ? own : [ofContext, ...own]);
  const where = { pluginDirs: [...new Set(dirs)], searchPath: env['PATH'] || SEARCH_PATH };
  const settings = readPluginSettings(env, (mistake) => {
    throw new Error(mistake);
  });
  return {
    ...where,
    secretDirs: ['/'],
    containment: await findContainment({ ...where, settings, hidden: [] }),
  };
}

/** Executables of the plugins among some resources. */
export function executablesOf(resources: readonly Resource[]): readonly string[] {
  return resources.flatMap(({ kind, spec }) =>
    kind === 'Plugin' && typeof spec['executable'] === 'string' ? [spec['executable']] : [],
  );
}
