import { join } from 'node:path';
import { DEFAULT_PROJECT } from '@signalbox/contracts';

/**
 * Where the paths of the sources of a project stand below: those of `default`, which is the site's own, below `root`, those of each
 * other project in a directory of its own, so that no tenant reads what was put there for another one. ADR 0028.
 */
export function sourceDirectory(root: string, project: string): string {
  return project === DEFAULT_PROJECT ? root : join(root, 'projects', project);
}
