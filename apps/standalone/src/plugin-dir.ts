import { existsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { sha256Hex } from '@signalbox/contracts';

/** What anybody needs to go through a directory. */
const FOR_OTHERS = 0o001;

/**
 * Where the plugins of a site in a box are: `plugins` below its state directory. Root's plugins run as a user without
 * rights, who does not get there when the site lies below a closed directory such as /root; then a new site has them
 * below the directory for temporary files, under a name of its own that stays.
 */
export function pluginDirOf(
  stateDir: string,
  ourUid: number | undefined = process.getuid?.(),
  isOpen: (directory: string) => boolean = isOpenToOthers,
): string {
  const usual = join(stateDir, 'plugins');
  if (ourUid !== 0 || existsSync(usual) || above(usual).every(isOpen)) return usual;
  return join(tmpdir(), `signalbox-plugins-${sha256Hex(stateDir).slice(0, 16)}`);
}

function above(path: string): string[] {
  const directory = dirname(path);
  return directory === path ? [] : [directory, ...above(directory)];
}

function isOpenToOthers(directory: string): boolean {
  const stats = statSync(directory, { throwIfNoEntry: false });
  return stats === undefined || (stats.mode & FOR_OTHERS) !== 0;
}
