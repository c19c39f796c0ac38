import type { Command } from 'commander';
import { pathOf } from '../rest-client.js';
import type { CompactionAnswer } from '../rest/answers.js';
import type { Session } from '../session.js';
import { type OutputFlags, withExamples, withOutput, withPlainDryRun } from './options.js';

export function addCompact(program: Command, session: Session): void {
  const compact = program
    .command('compact')
    .description('remove records that are no longer kept now, which is done daily by itself');
  withExamples(
    withPlainDryRun(withOutput(compact)),
    'signalbox compact',
    'signalbox --timeout 600 compact',
  ).action(async ({ output }: OutputFlags) => {
    const answer = await session.client.call<CompactionAnswer>(pathOf('compactions'), {
      method: 'POST',
      has: ['upTo', 'purged'],
    });
    const { upTo, purged } = answer;
    const text = upTo === 0 ? 'everything is kept' : `removed ${purged} messages; kept from ${upTo + 1} on`;
    await session.printOne(answer, output, () => `${text}\n`);
  });
}
