import { CodedError } from '@signalbox/contracts';
import { findUser, type SystemUser } from '@signalbox/runtime';

/** Who we are (undefined where a system has no such numbers), and whom this system knows: the text of /etc/passwd. */
export interface UserWorld {
  readonly ourUid: number | undefined;
  readonly passwd: string;
}

/**
 * The user that commands of sinks run as, with that group and no others; undefined when that is ourselves. Throws
 * `sink-program` when there is no such user, or when it cannot be had: only root can start programs as somebody else.
 */
export function chooseCommandUser(
  wanted: string | undefined,
  { ourUid, passwd }: UserWorld,
): SystemUser | undefined {
  if (wanted === undefined) return undefined;
  const user = findUser(wanted, passwd);
  if (!user)
    throw refused(`there is no user ${wanted} in /etc/passwd: create it, or write its numbers as uid:gid`);
  if (user.uid === ourUid) return undefined;
  if (ourUid === 0) return user;
  throw refused(
    `only root can start programs as ${wanted}, and sinks runs as ${ourUid ?? 'a user without a number'}: start it as root, or leave the setting out`,
  );
}

function refused(message: string): CodedError {
  return new CodedError('sink-program', `SIGNALBOX_SINK_COMMAND_USER: ${message}`);
}
