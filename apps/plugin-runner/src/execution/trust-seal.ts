import { lstatSync, statSync } from 'node:fs';
import { dirname, sep } from 'node:path';
import { PROCESS_LIMITS } from './limits.js';

/**
 * Everything the trust rules ask about a plugin that was found at `path`, as one text: the identity, owner, mode and
 * change times of the file; the identity, owner and mode of every directory from it up to the plugin directory, which
 * must still be directories and no symlinks; that `executable` and the plugin directories still lead where they did.
 * While two seals are equal the rules have the same answer; ctime cannot be set by a program. It takes a few
 * synchronous system calls, as the start of a process does too.
 *
 * Undefined when the answer may change without a trace: a file changed less than 2 s before `nowMs` (see
 * file-digest.ts), an owner who is trusted only because of a read-only mount, or nothing there.
 */
export function trustSeal(
  executable: string,
  path: string,
  pluginDirs: readonly string[],
  serviceUid: number | undefined,
  nowMs: number,
): string | undefined {
  try {
    return seal(executable, path, pluginDirs, serviceUid, nowMs);
  } catch {
    // Something on the way cannot be looked at: the rules themselves say what is wrong.
    return undefined;
  }
}

function seal(
  executable: string,
  path: string,
  pluginDirs: readonly string[],
  serviceUid: number | undefined,
  nowMs: number,
): string | undefined {
  const file = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  const named = executable === path ? file : statSync(executable, { bigint: true, throwIfNoEntry: false });
  if (!file || !named || nowMs - Number(file.ctimeMs) < PROCESS_LIMITS.settledMs) return undefined;
  const { dev, ino, size, mtimeNs, ctimeNs, mode, uid } = file;
  const parts = [path, dev, ino, size, mtimeNs, ctimeNs, mode, uid, named.dev, named.ino];
  const owners = [Number(uid)];

  const roots = new Set<string>();
  for (const directory of pluginDirs) {
    const stats = statSync(directory, { throwIfNoEntry: false });
    const identity = stats ? `${stats.dev}:${stats.ino}` : '';
    parts.push(identity);
    if (stats) roots.add(identity);
  }
  for (let above = dirname(path); ; above = dirname(above)) {
    const stats = lstatSync(above, { throwIfNoEntry: false });
    if (!stats?.isDirectory()) return undefined;
    const identity = `${stats.dev}:${stats.ino}`;
    parts.push(identity, String(stats.mode), String(stats.uid));
    owners.push(stats.uid);
    if (roots.has(identity)) break;
    if (above === sep) return undefined;
  }
  const areOurs = owners.every((owner) => owner === 0 || owner === serviceUid);
  return areOurs ? parts.join('\0') : undefined;
}
