import type { Deadline } from '../../driver.js';
import type { VppConnection } from '../api/vpp-connection.js';
import { readVppIdentity } from '../api/vpp-identity.js';
import { type CheckStep, ok, textOf } from './check-step.js';

export const IDENTITY_STEPS = ['version', 'boot time'] as const;

/** Which VPP it is, and since when it runs. */
export async function* checkIdentity(
  connection: VppConnection,
  deadline: Deadline,
): AsyncGenerator<CheckStep> {
  try {
    const { version, buildDate, pid, bootedAtMs } = await readVppIdentity(connection, deadline);
    yield ok('version', `${version}, built ${buildDate}, process ${pid}`);
    if (bootedAtMs !== undefined) return yield ok('boot time', new Date(bootedAtMs).toISOString());
    yield {
      step: 'boot time',
      result: 'differs',
      found: '"show clock" does not begin with "Time now" and seconds',
      todo: 'nothing: a restart is noticed by the connection; only its time is not shown',
    };
  } catch (error) {
    const todo = 'see the messages below, and whether VPP is busy: vppctl show api clients';
    yield { step: 'version', result: 'failed', found: textOf(error), todo };
    yield { step: 'boot time', result: 'skipped', found: 'after version' };
  }
}
