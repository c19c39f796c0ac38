import type { Command } from 'commander';
import type { Site } from '../context.js';
import { contextsPath, readContexts, type StoredContext, writeContexts } from '../contexts-file.js';
import { EXIT } from '../exit-codes.js';
import { Failure, usageFailure } from '../failure.js';
import { detailsText } from '../output/details.js';
import type { Column } from '../output/table.js';
import { RestClient } from '../rest-client.js';
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
  addRemove(context, session);
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
    const siteId = await siteIdOf(session, url);
    const added: StoredContext = {
      url,
      token,
      ...(siteId !== undefined && { siteId }),
      ...(pluginDir && { pluginDir }),
      ...(secretDir && { secretDir }),
    };
    const path = contextsPath(session.terminal.home);
    const { current, contexts } = readContexts(path, (text) => session.warn(text));
    const chosen = use ? name : current;
    writeContexts(path, {
      ...(chosen !== undefined && { current: chosen }),
      contexts: { ...contexts, [name]: added },
    });
    const then = chosen === name ? 'it is the chosen one' : `choose it with signalbox context use ${name}`;
    session.print(`context ${name} stored in ${path}; ${then}\n`);
  });
}

/** Who is there, so that the token goes to no other site later. A site that is away now is not asked again. */
async function siteIdOf(session: Session, url: string): Promise<string | undefined> {
  try {
    const siteId = await new RestClient({ url, token: '', from: '--url' }, ASKING).siteThere();
    if (siteId !== undefined) return siteId;
    session.note(`${url} does not say which site it is: its token will not be tied to it`);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    session.note(`${error.message}; its token will not be tied to this site until it is added again`);
  }
  return undefined;
}

const ASKING = { timeoutMs: 5000 };

/** `--token -` reads it from stdin, which keeps it out of the process list and the shell history. */
async function givenToken({ flags, terminal }: Session): Promise<string> {
  const given = flags.token ?? terminal.env['SIGNALBOX_TOKEN'] ?? '';
  const token =
    given === '-'
      ? Buffer.from(await terminal.readStdin())
          .toString('latin1')
          .trim()
      : given;
  if (token === '') throw usageFailure('give a token: --token sbx_…, --token - or SIGNALBOX_TOKEN');
  return token;
}

function addUse(context: Command, session: Session): void {
  const command = context
    .command('use')
    .description('choose a stored context: it comes before the site of a checkout')
    .argument('[name]', 'name of the context')
    .option('--none', 'choose none: back to the site of the checkout');
  withExamples(command, 'signalbox context use edge', 'signalbox context use --none').action(
    (name: string | undefined, { none = false }: { readonly none?: boolean }) => {
      const path = contextsPath(session.terminal.home);
      const { contexts } = readContexts(path, (text) => session.warn(text));
      if ((name === undefined) !== none)
        throw usageFailure('give the name of a context, or --none', 'signalbox context use --help');
      if (name === undefined) {
        writeContexts(path, { contexts });
        return session.print('no context is chosen\n');
      }
      if (!Object.hasOwn(contexts, name))
        throw new Failure('not-found', `${path} has no context "${name}"`, EXIT.notFound, {
          next: 'signalbox context list',
        });
      const { env } = session.terminal;
      const nearer = ['SIGNALBOX_URL', 'SIGNALBOX_CONTEXT'].find((variable) => env[variable]);
      if (nearer !== undefined)
        throw new Failure('overruled', `${nearer} is set and comes first: nothing was chosen`, EXIT.failure, {
          next: `unset ${nearer}, or give --context ${name} to a command`,
        });
      writeContexts(path, { current: name, contexts });
      session.print(`context ${name} is the chosen one\n`);
    },
  );
}

function addRemove(context: Command, session: Session): void {
  const command = context
    .command('remove')
    .description('forget a stored context and its token')
    .argument('<name>', 'name of the context');
  withExamples(command, 'signalbox context remove edge').action((name: string) => {
    const path = contextsPath(session.terminal.home);
    const { current, contexts } = readContexts(path, (text) => session.warn(text));
    if (!Object.hasOwn(contexts, name))
      throw new Failure('not-found', `${path} has no context "${name}"`, EXIT.notFound, {
        next: 'signalbox context list',
      });
    const { [name]: _removed, ...others } = contexts;
    const chosen = current === name ? undefined : current;
    writeContexts(path, { ...(chosen !== undefined && { current: chosen }), contexts: others });
    const then = current === name ? '; no context is chosen' : '';
    session.print(`context ${name} removed from ${path}${then}\n`);
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
    const { isStoredChoice, from, url } = session.findSite() ?? {};
    if (from !== undefined && isStoredChoice !== true) session.note(`here ${from} is used: ${url}`);
  });
}

function addShow(context: Command, session: Session): void {
  const command = context.command('show').description('which site is used here, and where that was said');
  withExamples(withOutput(command), 'signalbox context show', 'signalbox context show --context edge').action(
    async ({ output }: OutputFlags) => {
      const { name, url, token, from, siteId, pluginDir, secretDir } = session.site;
      const shown = {
        name,
        url,
        token: masked(token),
        from,
        ...(siteId !== undefined && { siteId }),
        ...(pluginDir !== undefined && { pluginDir }),
        ...(secretDir !== undefined && { secretDir }),
      };
      await session.printOne(shown, output, contextText);
    },
  );
}

function contextText({ name, url, token, from, siteId, pluginDir, secretDir }: Site): string {
  return detailsText([
    ['Name', name],
    ['URL', url],
    ['Token', token],
    ['From', from],
    ['Site', siteId],
    ['Plugin Dir', pluginDir],
    ['Secret Dir', secretDir],
  ]);
}

/** Enough of a token to tell it from another. */
function masked(token: string): string {
  return token === '' ? '' : `${token.slice(0, 8)}…`;
}
