import type { Command } from 'commander';
import { usageFailure } from '../failure.js';
import type { Session } from '../session.js';
import { toCount, withExamples, withGroup, withOutput, type OutputFlags } from './options.js';

export interface BenchFlags extends OutputFlags {
  readonly group: string;
  readonly facts?: number;
  readonly concurrency?: number;
  readonly type: string;
  readonly yes?: boolean;
}

export function addBench(program: Command, session: Session): void {
  const command = withGroup(
    program.command('bench').description('how fast this site takes facts: emits some, beside bare requests'),
  )
    .option('--facts <n>', 'emit so many, at most 100000 (200)', toCount)
    .option('--concurrency <n>', 'so many at once, at most 64 (4)', toCount)
    .option('--type <type>', 'type of the facts; nothing should subscribe to it', 'signalbox.bench')
    .option('--yes', 'yes, put load on this site and facts into it');
  withExamples(
    withOutput(command),
    'signalbox bench --yes',
    'signalbox bench --facts 5000 --concurrency 16 --yes',
  ).action(async (flags: BenchFlags) => {
    if (!flags.yes)
      throw usageFailure(
        'bench puts facts into the site and load on it; they expire after a minute',
        'signalbox bench --yes, when this site may bear it',
      );
    const { runBench } = await import('../bench/run-bench.js');
    await runBench(session, flags);
  });
}
