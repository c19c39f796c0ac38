import type { Deadline } from '../../driver.js';
import type { Reply } from '../api/field-value.js';
import { cli } from '../api/vpp-client.js';
import type { VppConnection } from '../api/vpp-connection.js';
import { TARGET_DUMP, VIP_DUMP } from '../lb-messages.js';
import { confOf, readTable } from '../read-table.js';
import { vipText } from '../vip-key.js';
import { readVipsText } from '../vips-text.js';
import { type CheckStep, ok, textOf } from './check-step.js';

export const LB_STEPS = ['lb settings', 'lb dumps', 'lb text', 'ping'] as const;

/** The command whose text tells what no message does. */
const VIPS_TEXT = 'show lb vips verbose';

/** The lb plugin: whether it tells what the driver has to read back. */
export async function* checkLb(connection: VppConnection, deadline: Deadline): AsyncGenerator<CheckStep> {
  yield await trial('lb settings', async () => {
    const { fields } = await connection.call('lb_conf_get', {}, deadline);
    const { ipv4SrcAddress, ipv6SrcAddress, stickyBucketsPerCore, flowTimeoutSeconds } = confOf(fields);
    return `sources ${ipv4SrcAddress} and ${ipv6SrcAddress}, ${stickyBucketsPerCore} buckets, ${flowTimeoutSeconds} s`;
  });
  let dumps: Dumps | undefined;
  yield await trial('lb dumps', async () => {
    dumps = await dump(connection, deadline);
    return `${dumps.vips.length} VIPs, ${dumps.targets.length} servers`;
  });
  yield dumps === undefined
    ? { step: 'lb text', result: 'skipped', found: 'after lb dumps' }
    : await checkText(connection, dumps, deadline);
  yield await trial('ping', async () => {
    const began = performance.now();
    await connection.call('control_ping', {}, deadline);
    return `${(performance.now() - began).toFixed(1)} ms`;
  });
}

interface Dumps {
  readonly vips: readonly Reply[];
  readonly targets: readonly Reply[];
}

async function dump(connection: VppConnection, deadline: Deadline): Promise<Dumps> {
  const [vips, targets] = await Promise.all([
    connection.dump(VIP_DUMP.message, VIP_DUMP.fields, deadline),
    connection.dump(TARGET_DUMP.message, TARGET_DUMP.fields, deadline),
  ]);
  return { vips, targets };
}

/** Whether the text that people read still tells of each VIP whether it is sticky, and what it counted. Reference maglev 6.2. */
async function checkText(
  connection: VppConnection,
  { vips, targets }: Dumps,
  deadline: Deadline,
): Promise<CheckStep> {
  let text: string;
  try {
    text = await cli(connection, VIPS_TEXT, deadline);
  } catch (error) {
    return { step: 'lb text', result: 'failed', found: textOf(error), todo: 'vppctl show lb vips verbose' };
  }
  if (/unknown (command|input)/.test(text))
    return {
      step: 'lb text',
      result: 'missing',
      found: text.trim(),
      todo: 'enable lb_plugin.so in startup.conf',
    };
  const told = new Set(readVipsText(text).map(({ key }) => vipText(key)));
  const table = readTable({ conf: {}, vips: fieldsOf(vips), targets: fieldsOf(targets), text });
  const untold = table.vips.map(({ key }) => vipText(key)).filter((vip) => !told.has(vip));
  if (untold.length > 0)
    return {
      step: 'lb text',
      result: 'differs',
      found: `"${VIPS_TEXT}" does not tell of ${untold.slice(0, 3).join(', ')}${untold.length > 3 ? ', …' : ''}`,
      todo: 'report it with the text: whether a VIP is sticky and what it counted cannot be read of this VPP',
    };
  return ok(
    'lb text',
    vips.length === 0 ? 'no VIP to read of' : `tells of ${vips.length} VIPs whether they are sticky`,
  );
}

async function trial(step: string, work: () => Promise<string>): Promise<CheckStep> {
  try {
    return ok(step, await work());
  } catch (error) {
    return {
      step,
      result: 'failed',
      found: textOf(error),
      todo: 'see the messages above, and the log of VPP',
    };
  }
}

function fieldsOf(replies: readonly Reply[]) {
  return replies.map(({ fields }) => fields);
}
