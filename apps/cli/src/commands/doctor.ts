import type { Command } from 'commander';
import { AREAS } from '../../../api/src/domain/doctor/check.js';
import { collect } from '../doctor/collect.js';
import type { Session } from '../session.js';
import { collectPairs, type OutputFlags, withExamples, withOutput } from './options.js';

export interface DoctorFlags extends OutputFlags {
  readonly plan?: boolean;
  readonly file?: readonly string[];
  readonly var?: Readonly<Record<string, string>>;
}

export function addDoctor(program: Command, session: Session): void {
  const command = program
    .command('doctor')
    .description('is everything well? exit code 1 when something fails; warnings do not count')
    .argument('[areas...]', `only of these: ${AREAS.join(', ')}`)
    .option('--plan', 'also what to do about it; nothing is done')
    .option('-f, --file <path>', 'look at files, without a site; can be repeated', collect)
    .option('--var <name=value...>', 'fill ${name} in the files', collectPairs);
  withExamples(
    withOutput(command),
    'signalbox doctor',
    'signalbox doctor federation clock --plan',
    'signalbox doctor -o json',
    'signalbox doctor -f site.yaml',
  ).action(async (areas: readonly string[], flags: DoctorFlags) => {
    const { runDoctor } = await import('../doctor/run-doctor.js');
    await runDoctor(session, areas, flags);
  });
}
