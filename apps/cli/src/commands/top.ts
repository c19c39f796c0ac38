import type { Command } from 'commander';
import type { Session } from '../session.js';
import { toCount, withExamples } from './options.js';

export function addTop(program: Command, session: Session): void {
  const command = program
    .command('top')
    .description('what goes on right now: rates, runs, backends, deliveries, lags; q ends it, p pauses it')
    .option('--every <seconds>', 'look so often (2)', toCount)
    .option('--once', 'look twice, print, and end');
  withExamples(command, 'signalbox top', 'signalbox top --every 5', 'signalbox top --once').action(
    async ({ every = 2, once = false }: { readonly every?: number; readonly once?: boolean }) => {
      const { runTop } = await import('../top/run-top.js');
      await runTop(session, { everyMs: Math.max(1, every) * 1000, once });
    },
  );
}
