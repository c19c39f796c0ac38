import { type Command, Option } from 'commander';
import type { Session } from '../session.js';
import { type OutputFlags, toCount, withExamples, withOutput } from './options.js';

interface CheckFlags extends OutputFlags {
  readonly driver: 'vpp';
  readonly socket?: string;
  readonly apiDir?: string;
  readonly wait: number;
}

/** Seconds that VPP may take for one answer. */
const WAIT_SECONDS = 5;

export function addDataplane(program: Command, session: Session): void {
  const dataplane = program.command('dataplane').description('the data plane of this machine');
  withExamples(dataplane, 'signalbox dataplane check');
  const command = dataplane
    .command('check')
    .description('tries the data plane of this machine step by step, changes nothing, and says what differs')
    .addOption(new Option('--driver <name>', 'which data plane').choices(['vpp']).default('vpp'))
    .option('--socket <path>', 'API socket of VPP (SIGNALBOX_VPP_API_SOCKET, /run/vpp/api.sock)')
    .option('--api-dir <path>', 'api.json files of VPP (SIGNALBOX_VPP_API_DIR, /usr/share/vpp/api)')
    .option('--wait <seconds>', 'how long one answer may take', toCount, WAIT_SECONDS);
  withExamples(
    withOutput(command),
    'signalbox dataplane check',
    'signalbox dataplane check --socket /run/vpp/api.sock -o json',
  ).action(async (flags: CheckFlags) => {
    const { checkDataplane } = await import('../dataplane/check-dataplane.js');
    await checkDataplane(session, flags);
  });
}
