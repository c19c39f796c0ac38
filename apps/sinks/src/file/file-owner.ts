import { readFile } from 'node:fs/promises';
import { CodedError } from '@signalbox/contracts';

/** Whom a file shall belong to, by numbers; -1: as it is, see `chown(2)`. */
export interface FileOwner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The numbers of a user and a group that are given by name or number; names stand in `/etc/passwd` and `/etc/group`. Throws `sink-place`
 * when there is no such name.
 */
export async function findOwner(owner: string | undefined, group: string | undefined): Promise<FileOwner> {
  return {
    uid: owner === undefined ? -1 : await numberOf(owner, '/etc/passwd', 'user'),
    gid: group === undefined ? -1 : await numberOf(group, '/etc/group', 'group'),
  };
}

async function numberOf(name: string, file: string, what: string): Promise<number> {
  if (/^\d{1,9}$/.test(name)) return Number(name);
  const text = await readFile(file, 'utf8').catch(() => '');
  for (const line of text.split('\n')) {
    const [entry, , number] = line.split(':');
    if (entry === name && number !== undefined && /^\d+$/.test(number)) return Number(number);
  }
  throw new CodedError(
    'sink-place',
    `there is no ${what} "${name}" in ${file}: create it, or write its number`,
  );
}
