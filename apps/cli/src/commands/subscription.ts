import type { Command } from 'commander';
import type { Session } from '../session.js';
import type { TestFlags } from '../subscription/test-subscription.js';
import { collectPairs, withExamples, withOutput } from './options.js';

export function addSubscription(program: Command, session: Session): void {
  const subscription = program.command('subscription').description('try subscriptions without a site');
  withExamples(subscription, 'signalbox subscription test host-records -f site.yaml --event seen.json');
  const command = subscription
    .command('test')
    .description(
      'what a subscription of a file makes of facts: matches, runs, and whether the parts are taken',
    )
    .argument('<name>', 'name of the EventSubscription')
    .requiredOption('-f, --file <file...>', 'YAML or JSON file, or a directory of them; - reads stdin')
    .requiredOption('--event <file>', 'facts: a JSON object, an array, or one on each line; - reads stdin')
    .option('--plugin-dir <dir...>', 'where plugins may stand (the directories of the plugins)')
    .option('--var <name=value...>', 'fill ${name} in the files', collectPairs);
  withExamples(
    withOutput(command),
    'signalbox subscription test host-records -f site.yaml --event seen.json',
    'signalbox subscription test host-records -f site.yaml --event seen.json -o json',
  ).action(async (name: string, flags: TestFlags) => {
    const { testSubscription } = await import('../subscription/test-subscription.js');
    await testSubscription(session, name, flags);
  });
}
