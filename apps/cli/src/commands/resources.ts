import type { Command } from 'commander';
import { tableText } from '../output/table.js';
import { pathOf } from '../rest-client.js';
import type { ApplyAnswer, Page, ResourceItem } from '../rest/answers.js';
import type { Session } from '../session.js';
import { planText } from '../views/plan.view.js';
import { describeResource, manifestsText, resourceColumns } from '../views/resource.view.js';
import { selectedPage } from '../words/selector.js';
import { DESCRIBED, type Described } from './nouns.js';
import {
  type ListFlags,
  type OutputFlags,
  toRevision,
  withExamples,
  withOutput,
  withPlainDryRun,
  withPaging,
  withWatch,
} from './options.js';

const KIND_HELP =
  'such as EventGroup; with its API group where several have one: HealthCheck.net.routerd.net';

interface IdentityFlags {
  readonly project?: string;
  readonly apiVersion?: string;
}

interface GetFlags extends ListFlags, IdentityFlags {
  readonly selector?: string;
}

interface DeleteFlags extends OutputFlags, IdentityFlags {
  readonly ifRevision?: number;
  readonly cascade?: boolean;
}

export function addResources(program: Command, session: Session): void {
  addGet(program, session);
  addDescribe(program, session);
  addDelete(program, session);
}

function addGet(program: Command, session: Session): void {
  const command = program
    .command('get')
    .description('show the resources of a kind, or one of them')
    .argument('<kind>', KIND_HELP)
    .argument('[name]', 'one resource')
    .option('--selector <label=value>', 'only with this label; can be several, with commas')
    .option('--project <name>', 'project of the resources')
    .option('--api-version <text>', 'needed when two API groups have a kind of this name');
  withExamples(
    withWatch(withPaging(command)),
    'signalbox get EventSubscription',
    'signalbox get Backend --selector tier=edge',
    'signalbox get EventGroup cloudedge -o yaml | signalbox apply -f -',
  ).action(async (kind: string, name: string | undefined, flags: GetFlags) =>
    session.drawn(flags.watch, ['resource'], async () => {
      const { project, apiVersion, limit, after, output, selector } = flags;
      if (name === undefined) {
        const query = { kind, project, limit, after };
        const asked = { query, has: ['items'] };
        const page = await selectedPage(selector, (more) =>
          session.client.call<Page<ResourceItem>>(pathOf('resources'), {
            ...asked,
            query: { ...query, ...more },
          }),
        );
        if (output !== 'yaml') return session.printPage(page, resourceColumns(page.items), output);
        session.print(await manifestsText(page.items));
        return session.hintNext(page);
      }
      const item = await session.client.call<ResourceItem>(pathOf('resources', kind, name), {
        query: { project, apiVersion },
        ifMissing: `signalbox get ${kind}`,
        has: ['resource', 'revision'],
      });
      if (output === 'yaml') return session.print(await manifestsText([item]));
      return session.printOne(item, output, (_item, _format, style) =>
        tableText(resourceColumns([item]), [item], style),
      );
    }),
  );
}

function addDescribe(program: Command, session: Session): void {
  const command = program
    .command('describe')
    .description(
      'show one resource with what the site says about it, or how a backend, listener, node or VIP stands',
    )
    .argument('<kind>', `${KIND_HELP}; or backend, frontend, listener, pool and the other nouns of show`)
    .argument('<name>', 'name of the resource')
    .option('--project <name>', 'project of the resource')
    .option('--api-version <text>', 'needed when two API groups have a kind of this name');
  withExamples(
    command,
    'signalbox describe EventGroup cloudedge',
    'signalbox describe listener http-vip',
  ).action(async (kind: string, name: string, { project, apiVersion }: IdentityFlags) => {
    const noun = DESCRIBED.find(({ list, single }) => kind === list || kind === single);
    if (noun) return describeNoun(session, noun, name, project);
    const item = await session.client.call<ResourceItem>(pathOf('resources', kind, name), {
      query: { project, apiVersion },
      ifMissing: `signalbox get ${kind}`,
    });
    session.print(await describeResource(item));
  });
}

/** Everything that `show` can say of one thing. */
async function describeNoun(
  session: Session,
  { list, path = list, view, identity = 'name' }: Described,
  name: string,
  project: string | undefined,
): Promise<void> {
  const item = await session.client.call<never>(pathOf(path, name), {
    query: { project },
    ifMissing: `signalbox show ${list}`,
    has: [identity],
  });
  session.print((await view()).text(item, session.terminal.nowMs(), 'wide'));
}

function addDelete(program: Command, session: Session): void {
  const command = program
    .command('delete')
    .description('delete a resource')
    .argument('<kind>', KIND_HELP)
    .argument('<name>', 'name of the resource')
    .option('--project <name>', 'project of the resource')
    .option('--api-version <text>', 'needed when two API groups have a kind of this name')
    .option('--if-revision <n>', 'only when the resource is still at this revision', toRevision)
    .option('--cascade', 'and what only serves it: Listeners, Pools and PoolMembers; Backends stay');
  withExamples(
    withPlainDryRun(withOutput(command)),
    'signalbox delete EventSubscription address-claims',
    'signalbox delete EventPeer edge --if-revision 7',
    'signalbox delete LoadBalancer shop --cascade',
  ).action(async (kind: string, name: string, flags: DeleteFlags) => {
    const { project, apiVersion, ifRevision, cascade, output } = flags;
    const answer = await session.client.call<ApplyAnswer | undefined>(pathOf('resources', kind, name), {
      method: 'DELETE',
      query: { project, apiVersion, cascade },
      ...(ifRevision !== undefined && { headers: { 'if-match': `"${ifRevision}"` } }),
      ifMissing: `signalbox get ${kind}`,
    });
    if (!answer) return session.print(`${kind}/${name} deleted\n`);
    await session.printOne(answer, output, () => planText(answer, session.paint()));
  });
}
