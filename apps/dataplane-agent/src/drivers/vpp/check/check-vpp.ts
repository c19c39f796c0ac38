import type { Deadline } from '../../driver.js';
import type { ApiDescription } from '../api/api-description.js';
import { ApiSocket } from '../api/api-socket.js';
import { nodeDescription } from '../api/installed-description.js';
import { VppConnection } from '../api/vpp-connection.js';
import { checkLb, LB_STEPS } from './check-lb.js';
import { checkMessages } from './check-messages.js';
import { type CheckStep, ok, skipped, textOf } from './check-step.js';
import { checkIdentity, IDENTITY_STEPS } from './check-identity.js';

/** What is tried. */
export interface VppPlace {
  /** The socket of the API. */
  readonly socket: string;
  /** Where the `*.api.json` of the installed VPP are. */
  readonly apiDir: string;
  /** Of each step. */
  readonly deadline: Deadline;
}

/** Steps behind the connection, for when there is none. */
const BEHIND = ['handshake', ...IDENTITY_STEPS, 'messages', ...LB_STEPS];

/** As VPP lists the client while it is there. */
const CLIENT_NAME = 'signalbox-check';

/**
 * Tries a VPP that runs, step by step, with questions that change nothing: whether the driver can talk to it, and where not, what differs. A step
 * comes as soon as it is done.
 */
export async function* checkVpp({ socket, apiDir, deadline }: VppPlace): AsyncGenerator<CheckStep> {
  const described = await describe(apiDir);
  yield described.step;
  if (described.description === undefined) return yield* skipped(['socket', ...BEHIND], 'description');

  const reached = await reach(socket, deadline);
  yield reached;
  if (reached.result !== 'ok') return yield* skipped(BEHIND, 'socket');

  let connection: VppConnection;
  try {
    connection = await VppConnection.open(socket, {
      clientName: CLIENT_NAME,
      description: described.description,
      deadline,
    });
  } catch (error) {
    yield {
      step: 'handshake',
      result: 'failed',
      found: textOf(error),
      todo: 'see that it is VPP that listens at the socket, and that it is not stopped',
    };
    return yield* skipped(BEHIND.slice(1), 'handshake');
  }
  try {
    yield ok('handshake', `${connection.table.size} messages`);
    yield* checkIdentity(connection, deadline);
    yield* checkMessages(connection.table.compare(described.description));
    yield* checkLb(connection, deadline);
  } finally {
    connection.close();
  }
}

async function describe(
  apiDir: string,
): Promise<{ readonly step: CheckStep; readonly description?: ApiDescription }> {
  try {
    const { description, installed } = await nodeDescription(apiDir);
    const found =
      installed.length === 0 ? `none in ${apiDir}: those that come with signalbox` : installed.join(', ');
    return { step: ok('description', found), description };
  } catch (error) {
    const todo = `install the package of VPP again, or name another directory: SIGNALBOX_VPP_API_DIR`;
    return { step: { step: 'description', result: 'differs', found: textOf(error), todo } };
  }
}

async function reach(path: string, deadline: Deadline): Promise<CheckStep> {
  try {
    const socket = await ApiSocket.open(
      path,
      { message: () => undefined, closed: () => undefined },
      deadline,
    );
    socket.finish();
    return ok('socket', path);
  } catch (error) {
    const todo = 'start VPP, or name its socket: SIGNALBOX_VPP_API_SOCKET';
    return { step: 'socket', result: 'missing', found: textOf(error), todo };
  }
}
