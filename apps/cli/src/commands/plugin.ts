import { type Command, Option } from 'commander';
import type { ConformanceFlags } from '../plugin/conformance.js';
import type { RunByHandFlags } from '../plugin/run-by-hand.js';
import type { RunOnSiteFlags } from '../plugin/run-on-site.js';
import type { Session } from '../session.js';
import { collectPairs, withExamples, withOutput } from './options.js';

export function addPlugin(program: Command, session: Session): void {
  const plugin = program.command('plugin').description('run and try plugins');
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
    .description('run a plugin once, by hand: on the site, or with -f one of a file without a site')
    .argument('<name>', 'name of the Plugin')
    .option(
      '-f, --file <file...>',
      'without a site: YAML or JSON file, or a directory of them; - reads stdin',
    )
    .option('--dry-run', 'on the site: print the part that it proposes, and record nothing')
    .option('--event <file>', 'facts: a JSON object, an array, or one on each line; - reads stdin')
    .option('--plugin-dir <dir...>', 'with -f: where plugins may stand (the directory of the plugin)')
    .option('--var <name=value...>', 'with -f: fill ${name} in the files', collectPairs)
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['yaml', 'json']).default('yaml'));
  withExamples(
    command,
    'signalbox plugin run host-record --event seen.json --dry-run',
    'signalbox plugin run host-record -f site.yaml --event seen.json',
    'echo \'{"type":"client.seen","subject":"10.0.0.9"}\' | signalbox plugin run host-record -f site.yaml --event -',
  ).action(async (name: string, { file, ...flags }: Partial<RunByHandFlags> & RunOnSiteFlags) => {
    if (file) {
      const { runByHand } = await import('../plugin/run-by-hand.js');
      return runByHand(session, name, { ...flags, file });
    }
    const { runOnSite } = await import('../plugin/run-on-site.js');
    await runOnSite(session, name, flags);
  });
}

function addConformance(plugin: Command, session: Session): void {
  const command = plugin
    .command('conformance')
    .description(
      'hold an executable to the protocol of plugins, in both modes, or an endpoint of mode http; exit code 1 when it breaks it',
    )
    .argument('<plugin>', 'the executable, or the URL of the endpoint')
    .option('--event <file>', 'facts that it is for: a JSON object, an array, or one on each line')
    .option('--env <name=value...>', 'its environment, as spec.env', collectPairs)
    .option('--secret <name=file...>', 'its secrets, as spec.secrets', collectPairs)
    .option('--run-timeout <duration>', 'how long a run may take', '10s')
    .option('--plugin-dir <dir...>', 'where plugins may stand (the directory of the executable)')
    .option(
      '--ca-file <file>',
      'authorities that the certificate of the endpoint may be of, as spec.http.caFile',
    );
  withExamples(
    withOutput(command),
    'signalbox plugin conformance ./host-record.py --event seen.json --env RECORD_TTL=5m',
    'signalbox plugin conformance http://127.0.0.1:9000/run --event seen.json',
  ).action(
    async (where: string, { runTimeout, ...flags }: ConformanceFlags & { readonly runTimeout: string }) => {
      const { conformance } = await import('../plugin/conformance.js');
      await conformance(session, where, { ...flags, timeout: runTimeout });
    },
  );
}
