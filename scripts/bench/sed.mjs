import { existsSync } from 'node:fs';

/** Absolute path of sed, for the first line of a program. */
export function findSed() {
  const found = ['/usr/bin/sed', '/bin/sed'].find((path) => existsSync(path));
  if (!found) throw new Error('there is no sed in /usr/bin and /bin, which the native plugin is made of');
  return found;
}
