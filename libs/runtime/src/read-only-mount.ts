import { readFile } from 'node:fs/promises';
import { sep } from 'node:path';

/** Whether an absolute path without symlinks lies on a read-only mount. Always false where /proc is missing. */
export async function isOnReadOnlyMount(path: string): Promise<boolean> {
  let mounts: string;
  try {
    mounts = await readFile('/proc/self/mountinfo', 'utf8');
  } catch {
    return false;
  }
  return isReadOnlyIn(mounts, path);
}

/**
 * The same by the text of mountinfo, proc(5): the fifth field of a line is the mount point, the sixth its options.
 * The longest mount point above the path holds it; of equal ones the last, because it was mounted over the others.
 */
export function isReadOnlyIn(mountinfo: string, path: string): boolean {
  let longest = -1;
  let readOnly = false;
  for (const line of mountinfo.split('\n')) {
    const fields = line.split(' ');
    const point = unescape(fields[4] ?? '');
    if (point.length < longest || !isBelow(path, point)) continue;
    longest = point.length;
    readOnly = (fields[5] ?? '').split(',').includes('ro');
  }
  return readOnly;
}

function isBelow(path: string, point: string): boolean {
  if (point === '') return false;
  return path === point || path.startsWith(point.endsWith(sep) ? point : point + sep);
}

/** Blanks and backslashes stand there as octal numbers. */
function unescape(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}
