import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { ownFiles, type Site } from '../context.js';
import { contextsPath, readContexts, type StoredContext, writeContexts } from '../contexts-file.js';
import { EXIT } from '../exit-codes.js';
import { Failure, usageFailure } from '../failure.js';
import { detailsText } from '../output/details.js';
import type { Column } from '../output/table.js';
import type { Session } from '../session.js';
import { type OutputFlags, withExamples, withOutput } from './options.js';

interface AddFlags {
  readonly pluginDir?: string;
  readonly secretDir?: string;
  readonly use?: boolean;
}

/** A stored context without its token. */
interface ContextRow {
  readonly name: string;
  readonly url: string;
  readonly current: boolean;
}

const COLUMNS: readonly Column<ContextRow>[] = [
  { title: 'CURRENT', value: ({ current }) => (current ? '*' : '') },
  { title: 'NAME', value: ({ name }) => name },
  { title: 'URL', value: ({ url }) => url },
];

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*$/;

export function addContext(program: Command, session: Session): void {
  const context = program
    .command('context')
    .description('sites that this command knows, and which one it uses');
  withExamples(context, 'signalbox context list', 'signalbox context use edge');
  addAdd(context, session);
  addUse(context, session);
  addList(context, session);
  addShow(context, session);
}

function addAdd(context: Command, session: Session): void {
  const command = context
    .command('add')
    .description('store a context: its --url and --token')
    .argument('<name>', 'name of the context')
    .option('--plugin-dir <dir>', '${pluginDir} of applied files')
    .option('--secret-dir <dir>', '${secretDir} of applied files')
    .option('--use', 'make it the current context');
  withExamples(
    command,
    'signalbox context add edge --url https://10.0.0.2:7800 --token sbx_… --use',
    'signalbox context add edge --url https://10.0.0.2:7800 --token - < edge.token',
  ).action(async (name: string, { pluginDir, secretDir, use }: AddFlags) => {
    const { url } = session.flags;
    if (!NAME.test(name) || name.endsWith('.json'))
      throw usageFailure(`"${name}" cannot name a context: use letters, digits, "-", "_" and "."`);
    if (url === undefined || !URL.canParse(url))
      throw usageFailure('give the URL of the site: --url http://host:7800', 'signalbox context add --help');
    const token = await givenToken(session);
    const added: StoredContext = {
      url,
      token,
      ...(pluginDir && { pluginDir }),
      ...(secretDir && { secretDir }),
    };
    const path = contextsPath(session.terminal.home);
    const { current, contexts } = readContexts(path, (text) => session.warn(text));
    const nowCurrent = use || current === undefined ? name : current;
    writeContexts(path, { current: nowCurrent, contexts: { ...contexts, [name]: added } });
    session.print(
      `context ${name} stored in ${path}${nowCurrent === name ? ', it is the current one' : ''}\n`,
    );
  });
}

/** `--token -` reads it from stdin, which keeps it out of the process list and the shell history. */
async function givenToken({ flags, terminal }: Session): Promise<string> {
  const given = flags.token ?? terminal.env['SIGNALBOX_TOKEN'] ?? '';
  const token = given === '-' ? (await terminal.readStdin()).trim() : given;
  if (token === '') throw usageFailure('give a token: --token sbx_…, --token - or SIGNALBOX_TOKEN');
  return token;
}

function addUse(context: Command, session: Session): void {
  const command = context
    .command('use')
    .description('make a stored context the current one')
    .argument('<name>', 'name of the context');
  withExamples(command, 'signalbox context use edge').action((name: string) => {
    const path = contextsPath(session.terminal.home);
    const { contexts } = readContexts(path, (text) => session.warn(text));
    if (!Object.hasOwn(contexts, name))
      throw new Failure('not-found', `${path} has no context "${name}"`, EXIT.notFound, {
        next: 'signalbox context list',
      });
    writeContexts(path, { current: name, contexts });
    session.print(`context ${name} is the current one\n`);
    const { env } = session.terminal;
    const nearer =
      env['SIGNALBOX_URL'] || env['SIGNALBOX_CONTEXT'] || ownFiles(session.terminal).find(existsSync);
    if (nearer) session.note(`here ${nearer} comes first; --context ${name} overrules it`);
  });
}

function addList(context: Command, session: Session): void {
  const command = context.command('list').description('the stored contexts');
  withExamples(withOutput(command), 'signalbox context list').action(async ({ output }: OutputFlags) => {
    const path = contextsPath(session.terminal.home);
    const { current, contexts } = readContexts(path, (text) => session.warn(text));
    const rows = Object.entries(contexts).map(([name, { url }]) => ({
      name,
      url,
      current: name === current,
    }));
    await session.printRows(rows, COLUMNS, output);
  });
}

function addShow(context: Command, session: Session): void {
  const command = context.command('show').description('which site is used here, and where that was said');
  withExamples(withOutput(command), 'signalbox context show', 'signalbox context show --context edge').action(
    async ({ output }: OutputFlags) => {
      const { name, url, token, from, pluginDir, secretDir } = session.site;
      const shown = {
        name,
        url,
        token: masked(token),
        from,
        ...(pluginDir !== undefined && { pluginDir }),
        ...(secretDir !== undefined && { secretDir }),
      };
      await session.printOne(shown, output, contextText);
    },
  );
}

function contextText({ name, url, token, from, pluginDir, secretDir }: Site): string {
  return detailsText([
    ['Name', name],
    ['URL', url],
    ['Token', token],
    ['From', from],
    ['Plugin Dir', pluginDir],
    ['Secret Dir', secretDir],
  ]);
}

/** Enough of a token to tell it from another. */
function masked(token: string): string {
  return token === '' ? '' : `${token.slice(0, 8)}…`;
}
