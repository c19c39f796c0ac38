import { type Command, Option } from 'commander';
import { EXIT } from '../exit-codes.js';
import { Failure, usageFailure } from '../failure.js';
import type { RenderFilesFlags } from '../offline/render-files.js';
import { plain } from '../output/cell.js';
import { dataText } from '../output/format.js';
import { pathOf } from '../rest-client.js';
import type {
  ConfigChanges,
  DiffAnswer,
  GenerationItem,
  Page,
  PartItem,
  ResourceExplanation,
  RouterDocument,
  VersionItem,
} from '../rest/answers.js';
import type { Session } from '../session.js';
import { changesText, describeText, diffText, PART_COLUMNS } from '../views/dynamic.view.js';
import { explainedText, GENERATION_COLUMNS, versionsText } from '../views/history.view.js';
import {
  collectPairs,
  type ListFlags,
  NEWEST,
  type OutputFlags,
  toLimit,
  withExamples,
  withOutput,
  withPaging,
  withWatch,
} from './options.js';
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
  addHistory(dynamic, session);
  addExplain(dynamic, session);
}

function addList(dynamic: Command, session: Session): void {
  const command = dynamic
    .command('list')
    .description('dynamic config parts')
    .addOption(new Option('--state <state>', 'only parts in it').choices(PART_STATES));
  withExamples(withWatch(withPaging(command)), 'signalbox dynamic list --state active').action(
    async ({ state, limit, after, watch, output }: PartListFlags) =>
      session.drawn(watch, ['part'], async () => {
        const page = await session.client.call<Page<PartItem>>(pathOf('parts'), {
          has: ['items'],
          query: { state, limit, after },
        });
        await session.printPage(page, PART_COLUMNS, output);
      }),
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

const MOMENT = 'a generation, a time such as 2026-05-30T12:00:00Z, or how long ago as 2h';

type RenderFlags = Partial<RenderFilesFlags> & Pick<RenderFilesFlags, 'output'> & { readonly at?: string };

function addRender(dynamic: Command, session: Session): void {
  const command = dynamic
    .command('render')
    .description('the effective config as a Router document; exit 3 when parts are held back')
    .option('--at <moment>', `as it was: ${MOMENT}`)
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
    'signalbox dynamic render --at 2h',
    'signalbox dynamic render --at 17',
    'signalbox dynamic render --config site.yaml --events seen.json',
  ).action(async ({ config, at, ...flags }: RenderFlags) => {
    if (config && at !== undefined)
      throw usageFailure(
        '--at asks a site, --config is without one: give one of them',
        'signalbox dynamic render --help',
      );
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
      query: { at },
      has: ['metadata', 'spec'],
    });
    session.print(await dataText(router, output));
    const quarantined = Number(router.metadata.annotations?.[QUARANTINED] ?? 0);
    if (quarantined === 0) return;
    session.exitCode = EXIT.quarantine;
    const [one, more] = at === undefined ? ['part is', 'parts are'] : ['part was', 'parts were'];
    session.note(`quarantined: ${quarantined} ${quarantined === 1 ? one : more} held back`);
    if (at === undefined) await noteHeldBack(session);
  });
}

/** Which parts are held back now, and why. */
async function noteHeldBack({ client, terminal }: Session): Promise<void> {
  const diff = await client.call<DiffAnswer>(pathOf('effective-config', 'diff')).catch(() => undefined);
  for (const { source, generation, reason } of diff?.quarantined ?? [])
    terminal.err.write(`  ${source} generation ${generation}: ${plain(reason)}\n`);
  terminal.err.write('next: signalbox dynamic list --state quarantined\n');
}

interface DiffFlags {
  readonly from?: string;
  readonly to?: string;
  readonly limit?: number;
  readonly after?: string;
  readonly output: 'text' | 'json' | 'yaml';
}

function addDiff(dynamic: Command, session: Session): void {
  const command = dynamic
    .command('diff')
    .description(
      'what parts add to and hide from the resources that people declared; with --from, what changed since then',
    )
    .option('--from <moment>', `what changed in the effective config since then: ${MOMENT}`)
    .option('--to <moment>', 'until then instead of now')
    .addOption(new Option('--limit <n>', 'at most so many changes, 1-1000').argParser(toLimit))
    .option('--after <cursor>', 'the page after this cursor')
    .addOption(
      new Option('-o, --output <format>', 'how to print').choices(['text', 'json', 'yaml']).default('text'),
    );
  withExamples(
    command,
    'signalbox dynamic diff',
    'signalbox dynamic diff --from 24h',
    'signalbox dynamic diff --from 17 --to 21 -o json',
  ).action(async ({ from, to, limit, after, output }: DiffFlags) => {
    if (from === undefined) {
      if (to !== undefined)
        throw usageFailure('--to needs --from: from when on?', 'signalbox dynamic diff --help');
      const diff = await session.client.call<DiffAnswer>(pathOf('effective-config', 'diff'));
      return session.print(
        output === 'text' ? diffText(diff, session.paint()) : await dataText(diff, output),
      );
    }
    const changes = await session.client.call<ConfigChanges>(pathOf('effective-config', 'changes'), {
      query: { from, to, limit, after },
      has: ['from', 'to', 'items'],
    });
    session.print(
      output === 'text' ? changesText(changes, session.paint()) : await dataText(changes, output),
    );
    session.hintNext(changes);
  });
}

interface ResourceFlags extends OutputFlags {
  readonly project?: string;
  readonly apiVersion?: string;
}

/** Kind and name of a resource written as one word. */
function splitResource(text: string): { readonly kind: string; readonly name: string } {
  const [kind = '', ...name] = text.split('/');
  if (kind === '' || name.length === 0 || name[0] === '')
    throw usageFailure(
      `"${text}" is not <kind>/<name>, such as RemoteAddressClaim/web`,
      'signalbox dynamic render',
    );
  return { kind, name: name.join('/') };
}

function withResource(command: Command): Command {
  return command
    .option('--project <name>', 'project of the resource')
    .option('--api-version <text>', 'needed when two API groups have a kind of this name');
}

function addHistory(dynamic: Command, session: Session): void {
  const command = dynamic
    .command('history')
    .description(
      'generations of the effective config, or every version of one resource: when, who, why, what',
    )
    .argument('[kind/name]', 'one resource');
  withExamples(
    withResource(withPaging(command, NEWEST)),
    'signalbox dynamic history',
    'signalbox dynamic history RemoteAddressClaim/onprem-10-88-60-9',
  ).action(async (text: string | undefined, flags: ListFlags & ResourceFlags) => {
    const { project, apiVersion, limit, after, output } = flags;
    const { client } = session;
    if (text === undefined) {
      const page = await client.call<Page<GenerationItem>>(pathOf('effective-config', 'generations'), {
        query: { limit, after },
        has: ['items'],
      });
      await session.printRows(page.items, GENERATION_COLUMNS, output);
      return session.hintMore(page, 'newest');
    }
    const { kind, name } = splitResource(text);
    const page = await client.call<Page<VersionItem>>(
      pathOf('effective-config', 'resources', kind, name, 'versions'),
      {
        query: { project, apiVersion, limit, after },
        has: ['items'],
        ifMissing: 'signalbox dynamic history',
      },
    );
    const ref = { kind, name, project: project ?? '' };
    await session.printOne(page.items, output, () => versionsText(ref, page.items, session.paint()));
    session.hintMore(page, 'newest');
  });
}

function addExplain(dynamic: Command, session: Session): void {
  const command = dynamic
    .command('explain')
    .description('where a resource of the effective config came from, or when and why it went')
    .argument('<kind/name>', 'the resource');
  withExamples(
    withResource(withOutput(command)),
    'signalbox dynamic explain RemoteAddressClaim/onprem-10-88-60-9',
  ).action(async (text: string, { project, apiVersion, output }: ResourceFlags) => {
    const { kind, name } = splitResource(text);
    const answer = await session.client.call<ResourceExplanation>(
      pathOf('effective-config', 'resources', kind, name),
      {
        query: { project, apiVersion },
        has: ['verdict', 'version'],
        ifMissing: 'signalbox dynamic history',
      },
    );
    await session.printOne(answer, output, () => explainedText(answer, session.paint()));
  });
}
