import { CodedError } from '@signalbox/contracts';
import type { Deadline } from '../../driver.js';
import type { CallCount } from './call-tally.js';
import type { Fields, Reply } from './field-value.js';
import type { TableEntry } from './message-table.js';
import { originOf } from './needed-messages.js';
import { type ConnectOptions, VppConnection } from './vpp-connection.js';
import { readVppIdentity, type VppIdentity } from './vpp-identity.js';

/** A VPP that was reached, has all messages of the description, and answers. One object is one connection. */
export interface VppClient extends VppIdentity {
  /** Milliseconds since the epoch. */
  readonly connectedAtMs: number;

  /**
   * Sends a message and gives the answer to it. Messages go out in the order of the calls, also when the answer to one is not waited for.
   * Rejects with a `VppError` when VPP says no; with `data-plane-unavailable` when no answer comes in time, in which case VPP may or may
   * not have done it, or the connection is over; and with `data-plane-refused` for fields that the message does not have.
   */
  call(message: string, fields: Fields, deadline: Deadline): Promise<Reply>;

  /** All answers to a dump, in the order of VPP. Rejects as {@link call}. */
  dump(message: string, fields: Fields, deadline: Deadline): Promise<Reply[]>;

  /** What a command of `vppctl` prints. Rejects as {@link call}. */
  cli(command: string, deadline: Deadline): Promise<string>;

  /** Calls back once when the connection is over, but not for {@link close}; at once when it is over already. */
  onClose(closed: (why: Error) => void): void;

  close(): void;

  /** How many messages went by, each message for itself. */
  readonly calls: readonly CallCount[];
}

/**
 * Connects, checks that VPP has each message of the description in its very layout, and asks who it is. Rejects with
 * `data-plane-unavailable` when there is no VPP, and with `data-plane-refused` for one that lacks a message or has it otherwise: nothing
 * was changed then.
 */
export async function connectVpp(path: string, options: ConnectOptions): Promise<VppClient> {
  const connection = await VppConnection.open(path, options);
  try {
    const connectedAtMs = Date.now();
    const identity = await readVppIdentity(connection, options.deadline);
    const wrong = connection.table.compare(options.description).filter(({ state }) => state !== 'there');
    if (wrong.length > 0) throw otherMessages(identity.version, wrong);
    return {
      ...identity,
      connectedAtMs,
      call: async (message, fields, deadline) => connection.call(message, fields, deadline),
      dump: async (message, fields, deadline) => connection.dump(message, fields, deadline),
      cli: async (command, deadline) => cli(connection, command, deadline),
      onClose: (closed) => connection.onClose(closed),
      close: () => connection.close(),
      get calls() {
        return connection.calls;
      },
    };
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** What a command of `vppctl` prints. */
export async function cli(connection: VppConnection, command: string, deadline: Deadline): Promise<string> {
  const { fields } = await connection.call('cli_inband', { cmd: command }, deadline);
  return String(fields['reply'] ?? '');
}

/** What to do about one message that is not as it has to be. */
export function tableAdvice({ message, state, ours, theirs }: TableEntry): string {
  if (state === 'missing') return `${message} is missing: it needs ${originOf(message)}`;
  return `${message} is another one there: its CRC is ${theirs}, and ${ours} is described`;
}

function otherMessages(version: string, wrong: readonly TableEntry[]): CodedError {
  const advice = wrong.some(({ state }) => state === 'differs')
    ? '; let SIGNALBOX_VPP_API_DIR name the api.json files of the VPP that runs, and restart VPP when its package was changed under it'
    : '';
  return new CodedError(
    'data-plane-refused',
    `VPP ${version} does not have the API that is needed: ${wrong.map(tableAdvice).join('; ')}${advice}; signalbox dataplane check tells each`,
  );
}
