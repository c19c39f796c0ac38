import { type Command, Option } from 'commander';
import { EXIT } from '../exit-codes.js';
import { Failure, usageFailure } from '../failure.js';
import type { RenderFilesFlags } from '../offline/render-files.js';
import { plain } from '../output/cell.js';
import { dataText } from '../output/format.js';
import { pathOf } from '../rest-client.js';
import type { DiffAnswer, Page, PartItem, RouterDocument } from '../rest-shapes.js';
import type { Session } from '../session.js';
import { describeText, diffText, PART_COLUMNS } from '../views/dynamic.view.js';
import { collectPairs, type ListFlags, withExamples, withPaging } from './options.js';
import { PART_STATES } from './states.js';

interface PartListFlags extends ListFlags {
  readonly state?: string;
}

const QUARANTINED = 'signalbox.dev/quarantined';

export function addDynamic(program: Command, session: Session): void {
  const dynamic = program
    .command('dynamic')
    .description('parts that plugins proposed, and the effective config');
  withExamples(dynamic, 'signalbox dynamic render', 'signalbox dynamic diff');
  addList(dynamic, session);
  addDescribe(dynamic, session);
  addRender(dynamic, session);
  addDiff(dynamic, session);
}

function addList(dynamic: Command, session: Session): void {
  const command = dynamic
    .command('list')
    .description('dynamic config parts')
    .addOption(new Option('--state <state>', 'only parts in it').choices(PART_STATES));
  withExamples(withPaging(command), 'signalbox dynamic list --state active').action(
    async ({ state, limit, after, output }: PartListFlags) => {
      const page = await session.client.call<Page<PartItem>>(pathOf('parts'), {
        has: ['items'],
        query: { state, limit, after },
      });
      await session.printPage(page, PART_COLUMNS, output);
    },
  );
}

function addDescribe(dynamic: Command, session: Session): void {
  const command = dynamic
    .command('describe')
    .description('every generation of one source with what it proposes')
    .argument('<source>', 'source of the part');
  withExamples(
    withPaging(command),
    'signalbox dynamic describe EventSubscription/address-claims/0123456789abcdef',
  ).action(async (source: string, { limit, after, output }: ListFlags) => {
    const page = await session.client.call<Page<PartItem>>(pathOf('parts'), {
      has: ['items'],
      query: { source, full: true, limit, after },
    });
    if (page.items.length === 0)
      throw new Failure('not-found', `no part has the source "${source}"`, EXIT.notFound, {
        next: 'signalbox dynamic list',
      });
    await session.printOne(page.items, output, () => describeText(page.items, session.terminal.nowMs()));
    session.hintNext(page);
  });
}

function addRender(dynamic: Command, session: Session): void {
  const command = dynamic
    .command('render')
    .description('the effective config as a Router document; exit 3 when parts are held back')
    .option(
      '--config <file...>',
      'without a site: of these resources, YAML or JSON files or directories of them',
    )
    .option(
      '--events <file>',
      'with --config: after these facts, a JSON object, an array, or one on each line',
    )
    .option(
      '--plugin-dir <dir...>',
      'with --config: where plugins may stand (the directories of the plugins)',
    )
    .option('--var <name=value...>', 'with --config: fill ${name} in the files', collectPairs)
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['yaml', 'json']).default('yaml'));
  withExamples(
    command,
    'signalbox dynamic render',
    'signalbox dynamic render -o json',
    'signalbox dynamic render --config site.yaml --events seen.json',
  ).action(async ({ config, ...flags }: Partial<RenderFilesFlags> & Pick<RenderFilesFlags, 'output'>) => {
    if (config) {
      const { renderFiles } = await import('../offline/render-files.js');
      return renderFiles(session, { ...flags, config });
    }
    const { output, ...rest } = flags;
    const [alone] = Object.keys(rest);
    if (alone !== undefined)
      throw usageFailure(
        `--${alone === 'pluginDir' ? 'plugin-dir' : alone} needs --config`,
        'signalbox dynamic render --help',
      );
    const { client } = session;
    const router = await client.call<RouterDocument>(pathOf('effective-config'), {
      has: ['metadata', 'spec'],
    });
    session.print(await dataText(router, output));
    const quarantined = Number(router.metadata.annotations?.[QUARANTINED] ?? 0);
    if (quarantined === 0) return;
    session.exitCode = EXIT.quarantine;
    session.note(`quarantined: ${quarantined} ${quarantined === 1 ? 'part is' : 'parts are'} held back`);
    const diff = await client.call<DiffAnswer>(pathOf('effective-config', 'diff')).catch(() => undefined);
    for (const { source, generation, reason } of diff?.quarantined ?? [])
      session.terminal.err.write(`  ${source} generation ${generation}: ${plain(reason)}\n`);
    session.terminal.err.write('next: signalbox dynamic list --state quarantined\n');
  });
}

function addDiff(dynamic: Command, session: Session): void {
  const command = dynamic
    .command('diff')
    .description('what parts add to and hide from the resources that people declared')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'));
  withExamples(command, 'signalbox dynamic diff', 'signalbox dynamic diff -o json').action(
    async ({ output }: { output: 'text' | 'json' }) => {
      const diff = await session.client.call<DiffAnswer>(pathOf('effective-config', 'diff'));
      session.print(output === 'json' ? await dataText(diff, 'json') : diffText(diff, session.paint()));
    },
  );
}
