import type { Command } from 'commander';
import type { Session } from '../session.js';
import type { TestFlags } from '../subscription/test-subscription.js';
import { collectPairs, withExamples, withOutput } from './options.js';

export function addSubscription(program: Command, session: Session): void {
  const subscription = program.command('subscription').description('try subscriptions');
  withExamples(subscription, 'signalbox subscription test host-records -f site.yaml --event seen.json');
  const command = subscription
    .command('test')
    .description(
      'what a subscription makes of facts: matches, runs, and whether the parts are taken; of the site, or with -f of a file without one. Nothing is recorded',
    )
    .argument('<name>', 'name of the EventSubscription')
    .option(
      '-f, --file <file...>',
      'without a site: YAML or JSON file, or a directory of them; - reads stdin',
    )
    .requiredOption('--event <file>', 'facts: a JSON object, an array, or one on each line; - reads stdin')
    .option('--dry-run', 'as it is in any case: nothing is recorded')
    .option('--plugin-dir <dir...>', 'with -f: where plugins may stand (the directories of the plugins)')
    .option('--var <name=value...>', 'with -f: fill ${name} in the files', collectPairs);
  withExamples(
    withOutput(command),
    'signalbox subscription test host-records --event seen.json',
    'signalbox subscription test host-records -f site.yaml --event seen.json -o json',
  ).action(
    async (name: string, { file, ...flags }: Partial<Pick<TestFlags, 'file'>> & Omit<TestFlags, 'file'>) => {
      if (file) {
        const { testSubscription } = await import('../subscription/test-subscription.js');
        return testSubscription(session, name, { ...flags, file });
      }
      const { testOnSite } = await import('../subscription/test-on-site.js');
      await testOnSite(session, name, flags);
    },
  );
}
