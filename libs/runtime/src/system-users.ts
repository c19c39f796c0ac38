import { readFileSync } from 'node:fs';

/** A user of this machine, with its group. */
export interface SystemUser {
  /** As it is written for people. */
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** How a user is written in settings: a name as useradd takes it, or numbers, `uid` or `uid:gid`. */
export const USER_TEXT = /^(?:[a-z_][a-z0-9_-]{0,31}|\d{1,10}(?::\d{1,10})?)$/i;

/** The text of /etc/passwd; empty on a system that knows users by number only. */
export function readPasswd(): string {
  try {
    return readFileSync('/etc/passwd', 'utf8');
  } catch {
    return '';
  }
}

/** The users that a text of /etc/passwd names, by name, each with its first group. */
export function usersOf(passwd: string): ReadonlyMap<string, SystemUser> {
  return new Map(
    passwd
      .split('\n')
      .map((line) => line.split(':'))
      .filter(([name, , uid, gid]) => name && /^\d+$/.test(uid ?? '') && /^\d+$/.test(gid ?? ''))
      .map(([name, , uid, gid]) => [name!, { name: name!, uid: Number(uid), gid: Number(gid) }]),
  );
}

/** The user that a text of the form {@link USER_TEXT} means; a group that is not given has the number of the user. Undefined: no such name. */
export function findUser(text: string, passwd: string): SystemUser | undefined {
  const [, uid, gid = uid] = /^(\d+)(?::(\d+))?$/.exec(text) ?? [];
  return uid === undefined ? usersOf(passwd).get(text) : { name: text, uid: Number(uid), gid: Number(gid) };
}
