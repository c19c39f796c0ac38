import { type Command, Option } from 'commander';
import type { ConformanceFlags } from '../plugin/conformance.js';
import type { RunByHandFlags } from '../plugin/run-by-hand.js';
import type { Session } from '../session.js';
import { collectPairs, withExamples, withOutput } from './options.js';

export function addPlugin(program: Command, session: Session): void {
  const plugin = program.command('plugin').description('try plugins without a site');
  withExamples(
    plugin,
    'signalbox plugin conformance ./host-record.py --event seen.json',
    'signalbox plugin run host-record -f site.yaml --event seen.json',
  );
  addRun(plugin, session);
  addConformance(plugin, session);
}

function addRun(plugin: Command, session: Session): void {
  const command = plugin
    .command('run')
    .description('run a plugin of a file once, as the site would, and print the part that it proposes')
    .argument('<name>', 'name of the Plugin')
    .requiredOption('-f, --file <file...>', 'YAML or JSON file, or a directory of them; - reads stdin')
    .option('--event <file>', 'facts: a JSON object, an array, or one on each line; - reads stdin')
    .option('--plugin-dir <dir...>', 'where plugins may stand (the directory of the plugin)')
    .option('--var <name=value...>', 'fill ${name} in the files', collectPairs)
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['yaml', 'json']).default('yaml'));
  withExamples(
    command,
    'signalbox plugin run host-record -f site.yaml --event seen.json',
    'echo \'{"type":"client.seen","subject":"10.0.0.9"}\' | signalbox plugin run host-record -f site.yaml --event -',
  ).action(async (name: string, flags: RunByHandFlags) => {
    const { runByHand } = await import('../plugin/run-by-hand.js');
    await runByHand(session, name, flags);
  });
}

function addConformance(plugin: Command, session: Session): void {
  const command = plugin
    .command('conformance')
    .description(
      'hold an executable to the protocol of plugins, in both modes; exit code 1 when it breaks it',
    )
    .argument('<path>', 'the executable')
    .option('--event <file>', 'facts that it is for: a JSON object, an array, or one on each line')
    .option('--env <name=value...>', 'its environment, as spec.env', collectPairs)
    .option('--run-timeout <duration>', 'how long a run may take', '10s')
    .option('--plugin-dir <dir...>', 'where plugins may stand (the directory of the executable)');
  withExamples(
    withOutput(command),
    'signalbox plugin conformance ./host-record.py --event seen.json --env RECORD_TTL=5m',
  ).action(
    async (path: string, { runTimeout, ...flags }: ConformanceFlags & { readonly runTimeout: string }) => {
      const { conformance } = await import('../plugin/conformance.js');
      await conformance(session, path, { ...flags, timeout: runTimeout });
    },
  );
}
