import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** Every account can get here, and it outlives a reboot. */
const OPEN_DIR = '/var/tmp';

/** The path of `openPlace(name)`, which may not exist. */
export function openPlacePath(name: string): string {
  return join(OPEN_DIR, `signalbox-${name}`);
}

/**
 * A directory that every account may pass but only we write to, made if missing.
 *
 * @throws Error when someone else was there first: anybody may write to /var/tmp
 */
export function openPlace(name: string): string {
  const place = openPlacePath(name);
  try {
    mkdirSync(place, { mode: 0o700 });
    chmodSync(place, 0o711); // apart from mkdir, whose mode is subject to the umask
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const found = lstatSync(place);
  if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o022) !== 0)
    throw new Error(`${place} belongs to someone else, remove it`);
  return place;
}
