import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Whom a server runs as when it may not run as root. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The account for Postgres, which refuses to run as root: `postgres` if the system has it, else `nobody`. It must
 * have a passwd entry, Postgres looks its own name up.
 *
 * @param passwd contents of /etc/passwd
 * @throws Error when neither is there
 */
export function unprivilegedAccount(passwd = readFileSync('/etc/passwd', 'utf8')): Account {
  const entries = passwd.split('\n').map((line) => line.split(':'));
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = entries.find((entry) => entry[0] === name) ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error('Postgres may not run as root, and the system has neither a user postgres nor nobody');
}

/** Whether the account can get at this path. It tries it, so that every rule of the system counts. */
export async function canReach(account: Account | undefined, path: string): Promise<boolean> {
  if (!account) return true;
  return new Promise((resolve) => {
    execFile(
      '/bin/sh',
      ['-c', 'test -r "$1" && test -x "$1"', 'sh', path],
      { ...account, cwd: '/' },
      (error) => resolve(!error),
    );
  });
}
