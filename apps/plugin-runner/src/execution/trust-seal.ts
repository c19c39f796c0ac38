import { realpathSync, statSync } from 'node:fs';
import { dirname, sep } from 'node:path';
import { PROCESS_LIMITS } from './limits.js';

/**
 * Everything the trust rules ask about a plugin file, as one text: where its path and the plugin directories lead, the
 * identity, owner, mode and change times of the file, and the same without times of the directories around it. While
 * two seals are equal the rules have the same answer; ctime cannot be set by a program. Some microseconds of
 * synchronous system calls, as the start of a process has them too.
 *
 * Undefined when the answer may change without a trace: a file changed less than 2 s before `nowMs` (see
 * file-digest.ts), an owner who is trusted only because of a read-only mount, or nothing there.
 */
export function trustSeal(
  executable: string,
  pluginDirs: readonly string[],
  serviceUid: number | undefined,
  nowMs: number,
): string | undefined {
  try {
    const path = realpathSync.native(executable);
    const directories = pluginDirs.map(whereItLeads);
    const around = directories.find((directory) => directory !== '' && path.startsWith(directory + sep));
    const { dev, ino, size, mtimeNs, ctimeNs, ctimeMs, mode, uid } = statSync(path, { bigint: true });
    if (around === undefined || nowMs - Number(ctimeMs) < PROCESS_LIMITS.settledMs) return undefined;
    const owners = [Number(uid)];
    const parts: (string | number | bigint)[] = [path, ...directories];
    parts.push(dev, ino, size, mtimeNs, ctimeNs, mode, uid);
    for (let above = dirname(path); above.length >= around.length; above = dirname(above)) {
      const stats = statSync(above);
      owners.push(stats.uid);
      parts.push(stats.dev, stats.ino, stats.mode, stats.uid);
    }
    return owners.every((owner) => owner === 0 || owner === serviceUid) ? parts.join('\0') : undefined;
  } catch {
    return undefined;
  }
}

/** Empty when there is nothing: a directory that does not exist holds no plugin. */
function whereItLeads(directory: string): string {
  try {
    return realpathSync.native(directory);
  } catch {
    return '';
  }
}
